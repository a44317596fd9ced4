/** Displays of runs for any host: they know a feed, the screen, and nothing of Jupyter. */
export { mountCompare, type CompareOptions } from './compare.js';
export { reason } from './frame.js';
export { mountRun } from './run.js';
export { localStorageOf, memoryStorage } from './options.js';
export type { RunOptions, Shown, Storage } from './options.js';
export type { Page } from './tabs.js';
export { english, type Words } from './words.js';
