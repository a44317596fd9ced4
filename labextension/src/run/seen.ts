/** A feed that says nothing of changes while nobody sees what is drawn from it. */
import type { Feed } from '../wire/feed.js';

/** A feed that can be held back. */
export interface HeldFeed extends Feed {
  /** Whether changes are told; when it turns true again, one that was missed is told at once. */
  setSeen(isSeen: boolean): void;
}

/** Holds back what a feed tells. */
export function held(feed: Feed): HeldFeed {
  const listeners = new Set<() => void>();
  let isSeen = true;
  let hasMissed = false;
  let stop: (() => void) | null = null;

  const tell = (): void => {
    hasMissed = !isSeen;
    if (isSeen) {
      listeners.forEach(listener => listener());
    }
  };

  return {
    detail: () => feed.detail(),
    cells: () => feed.cells(),
    series: query => feed.series(query),
    listen: changed => {
      const listener = (): void => changed();
      listeners.add(listener);
      stop ??= feed.listen(tell);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          stop?.();
          stop = null;
        }
      };
    },
    setSeen: seen => {
      isSeen = seen;
      if (seen && hasMissed) {
        tell();
      }
    }
  };
}
