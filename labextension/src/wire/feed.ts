/** Where a display of a run gets its facts from, be it over HTTP or over a comm. */

import type { Series } from './decode.js';
import type { CellInfo, RunDetail } from './types.js';

/** Which part of which metrics is asked for. */
export interface SeriesQuery {
  metrics: string[];
  /** `_step`, `_runtime`, `_timestamp`, or a metric. */
  x: string;
  /** At most so many bins. */
  bins: number;
  /** Only rows from the first to before the second. */
  rows?: [number, number];
  /** Only bins from the one that holds this row. */
  since?: number;
  /** Rows a bin, a power of two, instead of what follows from `bins`. */
  width?: number;
  /** Weight of what came before in a moving average: 0 to below 1. */
  ema?: number;
}

/** One run, as a display sees it. */
export interface Feed {
  detail(): Promise<RunDetail>;
  cells(): Promise<CellInfo[]>;
  series(query: SeriesQuery): Promise<Series>;
  /** Call back whenever the run has changed; returns how to stop. */
  listen(changed: () => void): () => void;
}

interface Waiting {
  metric: string;
  done: (series: Series) => void;
  failed: (reason: unknown) => void;
}

/**
 * Ask once for what several charts ask at the same moment: queries that differ in their metrics
 * alone become one.
 */
export function batched(feed: Feed, wait_ms = 4, maxMetrics = 32): Feed {
  const groups = new Map<string, { query: SeriesQuery; waiting: Waiting[] }>();

  const send = (key: string): void => {
    const group = groups.get(key);
    groups.delete(key);
    if (group === undefined) {
      return;
    }
    const metrics = [...new Set(group.waiting.map(one => one.metric))];
    feed.series({ ...group.query, metrics }).then(
      series => group.waiting.forEach(one => one.done(series)),
      (reason: unknown) => group.waiting.forEach(one => one.failed(reason))
    );
  };

  return {
    detail: () => feed.detail(),
    cells: () => feed.cells(),
    listen: changed => feed.listen(changed),
    series: query => {
      const [metric] = query.metrics;
      if (metric === undefined || query.metrics.length > 1) {
        return feed.series(query);
      }
      const key = JSON.stringify([query.x, query.bins, query.rows, query.since, query.width, query.ema]);
      return new Promise((done, failed) => {
        let group = groups.get(key);
        if (group === undefined) {
          group = { query, waiting: [] };
          groups.set(key, group);
          setTimeout(send, wait_ms, key);
        }
        group.waiting.push({ metric, done, failed });
        if (group.waiting.length >= maxMetrics) {
          send(key);
        }
      });
    }
  };
}
