/** Stand-ins for the server: rows in memory, put into bins as the server does it. */
import { decodeSeries, type Series } from '../../src/wire/decode.js';
import type { Feed, SeriesQuery } from '../../src/wire/feed.js';
import { ema as average } from '../../src/charts/ema.js';
import type { Stretch } from '../../src/charts/segments.js';

/** Rows of a run: NaN is a value, undefined is none. */
export interface Rows {
  x: readonly number[];
  y: readonly (number | undefined)[];
  stretches?: readonly Stretch[];
  isRunning?: boolean;
}

const FIELDS = ['first', 'last', 'min', 'max', 'count', 'n_nan', 'n_pos_inf', 'n_neg_inf'] as const;

/** The smallest power of two that gives at most so many bins. */
export function widthFor(nRows: number, nBins: number): number {
  let width = 1;
  while (Math.ceil(nRows / width) > nBins) {
    width *= 2;
  }
  return width;
}

/** The definition of a bin, straight from its rows. */
export function bin(y: readonly (number | undefined)[]): Record<(typeof FIELDS)[number], number> {
  const there = y.filter(value => value !== undefined);
  const finite = there.filter(Number.isFinite);
  return {
    first: finite[0] ?? NaN,
    last: finite.at(-1) ?? NaN,
    min: finite.length > 0 ? finite.reduce((a, b) => Math.min(a, b)) : NaN,
    max: finite.length > 0 ? finite.reduce((a, b) => Math.max(a, b)) : NaN,
    count: there.length,
    n_nan: there.filter(Number.isNaN).length,
    n_pos_inf: there.filter(value => value === Infinity).length,
    n_neg_inf: there.filter(value => value === -Infinity).length
  };
}

/** Answer a query as the server does: as bytes. */
export function reply(rows: Rows, metric: string, query: SeriesQuery): ArrayBuffer {
  const n = rows.y.length;
  const [from, to] = query.rows ?? [query.since ?? 0, n];
  const width = query.width ?? widthFor(Math.max(0, Math.min(to, n) - from), query.bins);
  const firstBin = Math.floor(from / width);
  const nBins = Math.max(0, Math.ceil(Math.min(to, n) / width) - firstBin);
  const starts = Array.from({ length: nBins }, (_, i) => (firstBin + i) * width);
  const x = query.x === '_timestamp' ? rows.x.map(value => 1.7e9 + value) : rows.x;
  const bins = starts.map(row => bin(rows.y.slice(row, row + width)));
  const arrays = FIELDS.map(field => bins.map(one => one[field]));
  const xs = [starts.map(row => x[row] ?? NaN), starts.map(row => x[Math.min(row + width, n) - 1] ?? NaN)];
  const smooth = query.ema === undefined ? [] : [averages(rows, query.ema, starts, width)];
  const offsets = Object.fromEntries(FIELDS.map((field, i) => [field, i * nBins]));
  const header = {
    run: 'p/r', n_rows: n, rows_per_bin: width, first_bin: firstBin, n_bins: nBins, x: query.x,
    state: rows.isRunning ? 'running' : 'finished', is_running: rows.isRunning ?? false, missing: [],
    stretches: rows.stretches ?? (n > 0 ? [{ row: 0, segment: 0, execution: 'e1' }] : []),
    metrics: [{ name: metric, n_values: n, n_nan: 0, n_inf: 0,
      arrays: { ...offsets, ema: smooth.length > 0 ? (FIELDS.length + 2) * nBins : null } }],
    arrays: { x_first: FIELDS.length * nBins, x_last: (FIELDS.length + 1) * nBins }
  };
  return packed(JSON.stringify(header), [...arrays, ...xs, ...smooth].flat());
}

/** A header and numbers, as they go over the wire. */
export function packed(header: string, floats: readonly number[]): ArrayBuffer {
  const text = new TextEncoder().encode(header);
  const length = Math.ceil((text.length + 4) / 8) * 8 - 4;
  const bytes = new Uint8Array(4 + length + 8 * floats.length).fill(0x20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  bytes.set(text, 4);
  floats.forEach((value, i) => view.setFloat64(4 + length + 8 * i, value, true));
  return bytes.buffer;
}

function averages(rows: Rows, weight: number, starts: readonly number[], width: number): number[] {
  const cuts = [0, ...(rows.stretches ?? []).filter((s, i, all) => i > 0 && all[i - 1]?.segment !== s.segment).map(s => s.row)];
  const all = cuts.flatMap((cut, i) => [
    ...average(Float64Array.from(rows.y.slice(cut, cuts[i + 1] ?? rows.y.length), value => value ?? NaN), weight)
  ]);
  return starts.map(row => all.slice(row, row + width).filter(value => !Number.isNaN(value)).at(-1) ?? NaN);
}

/** Answer a query as a feed gives it. */
export function series(rows: Rows, query: SeriesQuery): Series {
  return decodeSeries(reply(rows, query.metrics[0] ?? 'loss', query));
}

/** A run in memory, to which rows can be added. */
export class MemoryFeed implements Feed {
  readonly asked: SeriesQuery[] = [];
  readonly listeners = new Set<() => void>();
  isBroken = false;

  constructor(public rows: Rows) {}

  /** Replace the rows and tell it. */
  set(rows: Rows): void {
    this.rows = rows;
    this.listeners.forEach(changed => changed());
  }

  detail(): never {
    throw new Error('a chart asks for no details');
  }

  cells(): never {
    throw new Error('a chart asks for no cells');
  }

  async series(query: SeriesQuery): Promise<Series> {
    this.asked.push(query);
    if (this.isBroken) {
      throw new Error('the server is gone');
    }
    return series(this.rows, query);
  }

  listen(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }
}

/** Rows 0, 1, 2, ... with these values. */
export function rowsOf(y: readonly (number | undefined)[], more: Partial<Rows> = {}): Rows {
  return { x: y.map((_, i) => i), y, ...more };
}
