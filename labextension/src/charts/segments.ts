/** Which rows are of which segment, and which cell made them. */

import { at, type Bins, binAt, sliceBins } from './bins.js';

/** From this row on, rows are of this segment and of this execution of a cell. */
export interface Stretch {
  row: number;
  segment: number;
  execution: string | null;
}

/** The bins of one segment. */
export interface SegmentBins {
  segment: number;
  /** Its first row. */
  row: number;
  bins: Bins;
}

/** Which bins are of one segment: from the first to before the second. */
export interface SegmentRange {
  segment: number;
  row: number;
  from: number;
  to: number;
}

/** More than these, the newest, are kept of no answer: however many it tells of, the page goes on. */
export const MAX_STRETCHES = 20_000;
export const MAX_SEGMENTS = 256;

/** Take in the stretches of a reply that may tell of later rows only; the newest are kept. */
export function withStretches(known: readonly Stretch[], said: readonly Stretch[]): Stretch[] {
  const byRow = new Map([...known, ...said].map(stretch => [stretch.row, stretch]));
  return [...byRow.values()].sort((a, b) => a.row - b.row).slice(-MAX_STRETCHES);
}

/** The stretch that a row is in. */
export function stretchAt(stretches: readonly Stretch[], row: number): Stretch | null {
  return stretches[nUpTo(stretches, row) - 1] ?? null;
}

/**
 * Say in which stretches the first and the last number of bin `i` were logged. Of a bin that lacks
 * some of its rows, that is told only if all of it is of one stretch: else the numbers may be of any.
 *
 * @param nRows How many rows there are: the last bin may have room for more.
 */
export function madeIn(
  bins: Bins, i: number, stretches: readonly Stretch[], nRows = Infinity
): { first: Stretch | null; last: Stretch | null; isSure: boolean } {
  const row = at(bins.row, i);
  const end = Math.max(row + 1, Math.min(row + at(bins.size, i), nRows));
  const [first, last] = [stretchAt(stretches, row), stretchAt(stretches, end - 1)];
  return { first, last, isSure: first === last || at(bins.count, i) >= end - row };
}

/** How many begin at this row or before it. */
function nUpTo(sorted: readonly { row: number }[], row: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.row ?? Infinity) <= row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The rows at which a segment begins, the first one at row 0. */
export function segmentStarts(stretches: readonly Stretch[]): { row: number; segment: number }[] {
  const starts = stretches.filter((one, i) => i === 0 || stretches[i - 1]?.segment !== one.segment);
  const [first] = starts;
  return first === undefined
    ? [{ row: 0, segment: 0 }]
    : [{ row: 0, segment: first.segment }, ...starts.slice(1)];
}

/**
 * Say which bins are of which segment, oldest first; segments without bins are left out. A bin in
 * which a segment begins counts as of the newer one until it is known in finer bins: nothing of it
 * is left out.
 */
export function segmentRanges(bins: Bins, stretches: readonly Stretch[]): SegmentRange[] {
  const ranges: SegmentRange[] = [];
  for (const { row, segment } of segmentStarts(stretches)) {
    const i = binAt(bins, row);
    const holds = i > 0 && at(bins.row, i - 1) + at(bins.size, i - 1) > row && at(bins.row, i) !== row;
    const from = holds ? i - 1 : i;
    const before = ranges.at(-1);
    if (before !== undefined) {
      before.to = from;
    }
    ranges.push({ segment, row, from, to: bins.row.length });
  }
  return ranges.filter(({ from, to }) => from < to);
}

/** Cut bins where segments begin, oldest first; of very many segments only the newest are given. */
export function bySegment(
  bins: Bins, stretches: readonly Stretch[]
): { parts: SegmentBins[]; nLeftOut: number } {
  const ranges = segmentRanges(bins, stretches);
  const parts = ranges
    .slice(-MAX_SEGMENTS)
    .map(({ segment, row, from, to }) => ({ segment, row, bins: sliceBins(bins, from, to) }));
  return { parts, nLeftOut: ranges.length - parts.length };
}

/** Whether a segment begins within bin `i`, not at its first row. Starts are in order. */
export function isStraddling(bins: Bins, i: number, starts: readonly { row: number }[]): boolean {
  const first = at(bins.row, i);
  const next = starts[nUpTo(starts, first)];
  return next !== undefined && next.row < first + at(bins.size, i);
}
