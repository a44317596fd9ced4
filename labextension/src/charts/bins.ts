/** Bins of a series: a power of two rows each, so that bins of bins are bins. */

import type { Series, SeriesColumns } from '../wire/decode.js';

/** The fields that hold one number a bin. */
export const FIELDS = [
  'row', 'size', 'xFirst', 'xLast', 'first', 'last', 'min', 'max',
  'count', 'nNan', 'nPosInf', 'nNegInf', 'ema'
] as const;

/** Bins in the order of their rows. All arrays have one number a bin. */
export interface Bins {
  /** The first row of each bin, and how many rows it spans. */
  row: Float64Array;
  size: Float64Array;
  xFirst: Float64Array;
  xLast: Float64Array;
  /** Of the finite numbers; NaN if there is none. */
  first: Float64Array;
  last: Float64Array;
  min: Float64Array;
  max: Float64Array;
  /** Rows that have the metric, as whatever number. */
  count: Float64Array;
  nNan: Float64Array;
  nPosInf: Float64Array;
  nNegInf: Float64Array;
  /** NaN where there is none. */
  ema: Float64Array;
}

/** The bins of one width from row 0 or from a later one on. */
export interface Grid {
  bins: Bins;
  /** A power of two. */
  rowsPerBin: number;
}

/** Bins without content. */
export function blankBins(n: number): Bins {
  const made = {} as Bins;
  for (const field of FIELDS) {
    made[field] = new Float64Array(n);
  }
  return made;
}

/** The bins of one metric of a reply; none if the reply lacks the metric. */
export function gridOf(series: Series, metric: string): Grid {
  const { rows_per_bin: rowsPerBin, first_bin, n_bins } = series.header;
  const columns = series.metrics.get(metric);
  const of = columns ?? nothing(n_bins);
  const bins: Bins = {
    row: Float64Array.from({ length: n_bins }, (_, i) => (first_bin + i) * rowsPerBin),
    size: new Float64Array(n_bins).fill(rowsPerBin),
    xFirst: series.xFirst,
    xLast: series.xLast,
    first: of.first,
    last: of.last,
    min: of.min,
    max: of.max,
    count: of.count,
    nNan: of.n_nan,
    nPosInf: of.n_pos_inf,
    nNegInf: of.n_neg_inf,
    ema: of.ema ?? new Float64Array(n_bins).fill(NaN)
  };
  return { bins, rowsPerBin };
}

function nothing(n: number): SeriesColumns {
  const nan = new Float64Array(n).fill(NaN);
  const zero = new Float64Array(n);
  return {
    first: nan, last: nan, min: nan, max: nan, ema: null,
    count: zero, n_nan: zero, n_pos_inf: zero, n_neg_inf: zero
  };
}

/** How many numbers of bin `i` are finite. */
export function nFinite(bins: Bins, i: number): number {
  return at(bins.count, i) - at(bins.nNan, i) - at(bins.nPosInf, i) - at(bins.nNegInf, i);
}

/** A number of an array, NaN outside of it. */
export function at(values: Float64Array, i: number): number {
  return values[i] ?? NaN;
}

/** Bins `from` to before `to`, as views. */
export function sliceBins(bins: Bins, from: number, to: number): Bins {
  const made = {} as Bins;
  for (const field of FIELDS) {
    made[field] = bins[field].subarray(from, to);
  }
  return made;
}

/** All bins of the parts, in their order. */
export function joinBins(parts: readonly Bins[]): Bins {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return only;
  }
  const made = blankBins(parts.reduce((n, part) => n + part.row.length, 0));
  let offset = 0;
  for (const part of parts) {
    for (const field of FIELDS) {
      made[field].set(part[field], offset);
    }
    offset += part.row.length;
  }
  return made;
}

/** Where the first bin stands that begins at this row or later. */
export function binAt(bins: Bins, row: number): number {
  let low = 0;
  let high = bins.row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(bins.row, middle) < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Put bins into wider ones: what bins of that width of the same rows hold. */
export function widened(grid: Grid, rowsPerBin: number): Grid {
  if (rowsPerBin <= grid.rowsPerBin || grid.bins.row.length === 0) {
    return { bins: grid.bins, rowsPerBin: Math.max(rowsPerBin, grid.rowsPerBin) };
  }
  const { bins } = grid;
  const firstBin = Math.floor(at(bins.row, 0) / rowsPerBin);
  const n = bins.row.length;
  const made = blankBins(Math.floor(at(bins.row, n - 1) / rowsPerBin) - firstBin + 1);
  for (const field of ['first', 'last', 'min', 'max', 'ema', 'xFirst', 'xLast'] as const) {
    made[field].fill(NaN);
  }
  made.size.fill(rowsPerBin);
  made.row.forEach((_, i) => (made.row[i] = (firstBin + i) * rowsPerBin));
  for (let i = 0; i < n; i += 1) {
    addBin(made, Math.floor(at(bins.row, i) / rowsPerBin) - firstBin, bins, i);
  }
  return { bins: made, rowsPerBin };
}

function addBin(to: Bins, j: number, from: Bins, i: number): void {
  for (const field of ['count', 'nNan', 'nPosInf', 'nNegInf'] as const) {
    to[field][j] = at(to[field], j) + at(from[field], i);
  }
  for (const field of ['first', 'xFirst'] as const) {
    if (Number.isNaN(at(to[field], j))) {
      to[field][j] = at(from[field], i);
    }
  }
  for (const field of ['last', 'xLast', 'ema'] as const) {
    if (!Number.isNaN(at(from[field], i))) {
      to[field][j] = at(from[field], i);
    }
  }
  const low = at(from.min, i);
  const high = at(from.max, i);
  if (!(at(to.min, j) <= low) && !Number.isNaN(low)) {
    to.min[j] = low;
  }
  if (!(at(to.max, j) >= high) && !Number.isNaN(high)) {
    to.max[j] = high;
  }
}

/**
 * Put what was added to a series onto what was there. Full bins stay as they are; if the tail is
 * in wider bins, all become as wide.
 *
 * @param tail Begins at or before the last bin of `grid`.
 * @returns null if the tail does not meet the grid: then all is to be asked again.
 */
export function withTail(grid: Grid, tail: Grid): Grid | null {
  const rowsPerBin = Math.max(grid.rowsPerBin, tail.rowsPerBin);
  const old = widened(grid, rowsPerBin).bins;
  const added = widened(tail, rowsPerBin).bins;
  if (added.row.length === 0) {
    return grid;
  }
  if (old.row.length === 0) {
    return at(added.row, 0) === 0 ? { bins: added, rowsPerBin } : null;
  }
  const start = at(added.row, 0);
  // A tail in narrower bins that begins within a bin would lose the rows before it.
  const isWhole = at(tail.bins.row, 0) % rowsPerBin === 0;
  const meets = start <= at(old.row, old.row.length - 1) + rowsPerBin;
  if (!isWhole || !meets) {
    return null;
  }
  return { bins: joinBins([sliceBins(old, 0, binAt(old, start)), added]), rowsPerBin };
}

/** Make bins wider, pair by pair, until there are at most `n`. */
export function atMost(grid: Grid, n: number): Grid {
  let { rowsPerBin } = grid;
  const last = at(grid.bins.row, grid.bins.row.length - 1);
  const first = at(grid.bins.row, 0);
  while (Math.floor(last / rowsPerBin) - Math.floor(first / rowsPerBin) + 1 > n) {
    rowsPerBin *= 2;
  }
  return rowsPerBin === grid.rowsPerBin ? grid : widened(grid, rowsPerBin);
}

/** Put finer bins in the place of those that hold their rows; unchanged if they do not fit. */
export function patched(bins: Bins, patch: Bins): Bins {
  const n = patch.row.length;
  if (n === 0) {
    return bins;
  }
  const from = binAt(bins, at(patch.row, 0));
  const end = at(patch.row, n - 1) + at(patch.size, n - 1);
  const to = binAt(bins, end);
  const last = bins.row.length - 1;
  const endsThere = to <= last ? at(bins.row, to) === end : at(bins.row, last) + at(bins.size, last) >= end;
  if (at(bins.row, from) !== at(patch.row, 0) || !endsThere) {
    return bins;
  }
  return joinBins([sliceBins(bins, 0, from), patch, sliceBins(bins, to, bins.row.length)]);
}
