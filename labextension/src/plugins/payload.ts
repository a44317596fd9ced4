/** What a notebook says of a display. Notebooks come from anywhere: nothing in them is believed. */
import { parseRunName, type RunName } from '../wire/client.js';

/** The mime type of our displays. */
export const MIME_TYPE = 'application/vnd.nbtracker.run+json';

/** A display as the notebook asks for it. */
export interface Payload {
  readonly store: string;
  readonly runs: readonly [RunName, ...RunName[]];
  /** Units: CSS pixels. */
  readonly height: number;
  readonly title: string | null;
  /** Only a line is shown until somebody opens it. */
  readonly hidden: boolean;
}

const STORE = /^(default|[0-9a-f]{16})$/;
// The same as in nbtracker/screen, which a test of that compares.
const MAX_RUNS = 50;
const MAX_TITLE = 120;
const HEIGHTS = { least: 40, usual: 420, most: 2000 };

/** Reads a payload; a string says why it is none. */
export function readPayload(data: unknown): Payload | string {
  if (typeof data !== 'object' || data === null) {
    return 'this display says nothing about a run';
  }
  const { version, store, runs, height, title, hidden } = data as Record<string, unknown>;
  if (version !== 1) {
    return 'this display was made by another version of nbtracker; update it to see the run';
  }
  if (typeof store !== 'string' || !STORE.test(store)) {
    return 'this display names no store';
  }
  if (!Array.isArray(runs) || runs.length > MAX_RUNS) {
    return `this display names no runs, or more than ${MAX_RUNS}`;
  }
  const [first, ...others] = runs.map(parseRunName);
  if (!first || others.includes(null)) {
    return 'this display names a run that cannot be';
  }
  return {
    store,
    runs: [first, ...others.filter(name => name !== null)],
    height: readHeight(height),
    title: typeof title === 'string' && title !== '' ? title.slice(0, MAX_TITLE) : null,
    hidden: hidden === true
  };
}

function readHeight(height: unknown): number {
  const { least, usual, most } = HEIGHTS;
  return typeof height === 'number' && Number.isFinite(height)
    ? Math.min(most, Math.max(least, height))
    : usual;
}
