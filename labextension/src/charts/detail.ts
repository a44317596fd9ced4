/** Where bins are too wide for what is seen, and which rows are to be asked for. */

import { at, type Bins, nFinite } from './bins.js';
import { inView } from './geometry.js';
import { place, type Scale } from './scales.js';
import { isStraddling, type SegmentBins } from './segments.js';

/** Rows from the first to before the second. */
export type Rows = readonly [number, number];

const MAX_SEGMENTS = 12;

/** What decides which rows are wanted. */
export interface Looking {
  x: Scale;
  /** Pixels of the plot. */
  width: number;
  /** Bins that hold this row or later ones may still change; they stay as they are. */
  growsFrom: number;
}

/** The rows whose bins hide where in them something is; newest segments first. */
export function wanted(parts: readonly SegmentBins[], looking: Looking): Rows[] {
  const starts = parts.map(part => ({ row: part.row }));
  const rows: Rows[] = [];
  for (const { bins } of parts.slice(-MAX_SEGMENTS).reverse()) {
    const end = at(bins.row, 0) + at(bins.size, 0);
    if (at(bins.size, 0) > 1 && end <= looking.growsFrom && isStraddling(bins, 0, starts)) {
      rows.push([at(bins.row, 0), end]);
    }
    const wide = wideRows(bins, looking, starts);
    if (wide !== null) {
      rows.push(wide);
    }
  }
  return rows;
}

/** From the first to the last bin in view that is wider than a pixel. */
function wideRows(bins: Bins, { x, width, growsFrom }: Looking, starts: { row: number }[]): Rows | null {
  const { from, to } = inView(bins, x);
  let first = Infinity;
  let end = -Infinity;
  for (let i = from; i < to; i += 1) {
    const row = at(bins.row, i);
    const size = at(bins.size, i);
    const isKnown = size <= 1 || at(bins.count, i) === 0 || row + size > growsFrom;
    if (isKnown || isStraddling(bins, i, starts)) {
      continue;
    }
    const a = place(x, at(bins.xFirst, i)) * width;
    const b = place(x, at(bins.xLast, i)) * width;
    const isSeen = Math.max(a, b) >= -1 && Math.min(a, b) <= width + 1;
    const hides = nFinite(bins, i) > 1 || at(bins.count, i) > nFinite(bins, i);
    if ((isSeen && Math.abs(b - a) > 1 && hides) || Number.isNaN(a) !== Number.isNaN(b)) {
      first = Math.min(first, row);
      end = Math.max(end, row + size);
    }
  }
  return first < end ? [first, end] : null;
}
