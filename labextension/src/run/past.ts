/** How fast a run went before it was looked at: the times of its first and of its last row. */
import type { Series } from '../wire/decode.js';
import type { Feed } from '../wire/feed.js';
import type { Past } from './progress.js';

/**
 * Asks for what a run did since it was begun, or gone on with, for the last time.
 *
 * @param metric Any that the run has: a series is of one at least.
 * @param runtime_s From the begin of the run to its last sign of life. Units: seconds.
 */
export async function pastOf(feed: Feed, metric: string, runtime_s: number): Promise<Past | null> {
  const ask = (x: string): Promise<Series> => feed.series({ metrics: [metric], x, bins: 1 });
  const [times, steps] = await Promise.all([ask('_runtime'), ask('_step')]);
  const begin = beginOf(times);
  const first = begin === 0 ? [times.xFirst[0], steps.xFirst[0]] : await rowOf(feed, metric, begin);
  const [[from_s = NaN, from = NaN], until_s = NaN, until = NaN] = [first, times.xLast.at(-1), steps.xLast.at(-1)];
  const n = times.header.n_rows - 1 - begin;
  const past = { steps: until - from, time_s: until_s - from_s, n, silent_s: Math.max(0, runtime_s - until_s) };
  return n > 0 && past.steps > 0 && past.time_s > 0 && Number.isFinite(past.silent_s) ? past : null;
}

/** The first row of the last segment: what was before it ended long ago, maybe. */
function beginOf({ header: { stretches } }: Series): number {
  const last = stretches.at(-1)?.segment;
  return stretches.find(({ segment }) => segment === last)?.row ?? 0;
}

/** The time and the step of one row. */
async function rowOf(feed: Feed, metric: string, row: number): Promise<(number | undefined)[]> {
  const found = ['_runtime', '_step'].map(x => feed.series({ metrics: [metric], x, bins: 1, rows: [row, row + 1], width: 1 }));
  return (await Promise.all(found)).map(({ xFirst }) => xFirst[0]);
}
