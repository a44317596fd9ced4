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

/** Take in the stretches of a reply that may tell of later rows only. */
export function withStretches(known: readonly Stretch[], said: readonly Stretch[]): Stretch[] {
  const byRow = new Map([...known, ...said].map(stretch => [stretch.row, stretch]));
  return [...byRow.values()].sort((a, b) => a.row - b.row);
}

/** The stretch that a row is in. */
export function stretchAt(stretches: readonly Stretch[], row: number): Stretch | null {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.row ?? Infinity) <= row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return stretches[low - 1] ?? null;
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
 * Cut bins where segments begin, oldest first. A bin in which a segment begins counts as of the
 * newer one until it is known in finer bins: nothing of it is left out.
 */
export function bySegment(bins: Bins, stretches: readonly Stretch[]): SegmentBins[] {
  const starts = segmentStarts(stretches);
  const n = bins.row.length;
  const cuts = starts.map(({ row }) => {
    const i = binAt(bins, row);
    const holds = i > 0 && at(bins.row, i - 1) + at(bins.size, i - 1) > row && at(bins.row, i) !== row;
    return holds ? i - 1 : i;
  });
  return starts
    .map(({ row, segment }, i) => ({ segment, row, bins: sliceBins(bins, cuts[i] ?? 0, cuts[i + 1] ?? n) }))
    .filter(part => part.bins.row.length > 0);
}

/** Whether a segment begins within bin `i`, not at its first row. */
export function isStraddling(bins: Bins, i: number, starts: readonly { row: number }[]): boolean {
  const first = at(bins.row, i);
  const end = first + at(bins.size, i);
  return starts.some(({ row }) => row > first && row < end);
}
