/** What a host gives a run display beside the run. */
import type { Page } from './tabs.js';
import type { Words } from './words.js';

/** Remembers choices by name: open sections, the tab, what charts show. */
export interface Storage {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** How a run is shown. */
export interface RunOptions {
  /** Kept from the first moment; of a run without charts, the most. Units: CSS pixels. */
  readonly height?: number;
  readonly title?: string;
  /** Goes to the cell of an execution; without it cells are told, not linked. */
  readonly onCell?: (execution: string) => void;
  readonly storage?: Storage;
  readonly words?: Words;
  /** What the host adds behind the pages that are always there. */
  readonly pages?: readonly Page[];
}

/** Of a display. Units: CSS pixels. */
export const USUAL_HEIGHT = 420;

/** What is shown, and how to end it. */
export interface Shown {
  dispose(): void;
}

/** Forgets everything when the page goes. */
export function memoryStorage(): Storage {
  const kept = new Map<string, unknown>();
  return { get: key => kept.get(key), set: (key, value) => void kept.set(key, value) };
}

/** Remembers in the browser, as far as it lets us. */
export function localStorageOf(prefix: string): Storage {
  return {
    get: key => {
      try {
        return JSON.parse(window.localStorage.getItem(prefix + key) ?? 'null') ?? undefined;
      } catch {
        return undefined;
      }
    },
    set: (key, value) => {
      try {
        window.localStorage.setItem(prefix + key, JSON.stringify(value));
      } catch {
        // A browser without storage shows the defaults next time.
      }
    }
  };
}
