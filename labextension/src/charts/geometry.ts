/** From bins to what is drawn, in pixels of the plot: lines, dots, boxes and marks. */

import { at, type Bins, nFinite } from './bins.js';
import { clipped } from './clip.js';
import { place, type Scale } from './scales.js';

/** What cannot stand at its place: it is marked at an edge, with how many there are. */
export type MarkKind = 'nan' | '+inf' | '-inf' | 'y<=0' | 'x?';

/** Numbers without a place, at a pixel column. */
export interface Mark {
  kind: MarkKind;
  x: number;
  count: number;
}

/** The picture of one segment. Pairs of numbers are x and y, from the top left of the plot. */
export interface Shape {
  /** Each one x, y, x, y, ... */
  lines: number[][];
  /** From the highest to the lowest number of a pixel column: x, top, bottom, ... */
  bars: number[];
  /** Points without a neighbour: x, y, ... */
  dots: number[];
  /** Bins wider than a pixel, within which values lie: left, top, right, bottom, ... */
  boxes: number[];
  marks: Mark[];
}

/** Where numbers stand on the screen. */
export interface Frame {
  x: Scale;
  y: Scale;
  width: number;
  height: number;
}

interface Column {
  at: number;
  /** The exact place of a single row. */
  x: number;
  first: number;
  last: number;
  top: number;
  bottom: number;
}

/**
 * Draw bins so that nothing is hidden: each pixel column gets the first, lowest, highest and last
 * number of the bins that begin in it.
 */
export function drawn(bins: Bins, frame: Frame): Shape {
  const pen = new Pen(frame);
  const { from, to } = inView(bins, frame.x);
  for (let i = from; i < to; i += 1) {
    pen.bin(bins, i);
  }
  return pen.shape();
}

/** Draw the moving average of bins. */
export function drawnAverage(bins: Bins, frame: Frame): Shape {
  const lines: number[][] = [[]];
  const { from, to } = inView(bins, frame.x);
  for (let i = from; i < to; i += 1) {
    const x = place(frame.x, at(bins.xLast, i)) * frame.width;
    const y = (1 - place(frame.y, at(bins.ema, i))) * frame.height;
    if (Number.isFinite(x) && Number.isFinite(y)) {
      lines.at(-1)?.push(x, y);
    } else if (at(bins.count, i) > 0) {
      lines.push([]);
    }
  }
  return { ...finished(lines, frame), bars: [], boxes: [], marks: [] };
}

/** The bins that can be seen, and one more on each side for the lines that lead outside. */
export function inView(bins: Bins, x: Scale): { from: number; to: number } {
  const n = bins.row.length;
  let from = n;
  let to = 0;
  for (let i = 0; i < n; i += 1) {
    const a = at(bins.xFirst, i);
    const b = at(bins.xLast, i);
    const isSeen = (a <= x.max && b >= x.min) || (b <= x.max && a >= x.min) || !(a === a && b === b);
    if (isSeen) {
      from = Math.min(from, i);
      to = i + 1;
    }
  }
  return from < to ? { from: before(bins, from), to: after(bins, to) } : between(bins, x);
}

function before(bins: Bins, from: number): number {
  let i = from - 1;
  while (i >= 0 && at(bins.count, i) === 0) {
    i -= 1;
  }
  return Math.max(0, i);
}

function after(bins: Bins, to: number): number {
  let i = to;
  while (i < bins.row.length && at(bins.count, i) === 0) {
    i += 1;
  }
  return Math.min(bins.row.length, i + 1);
}

/** Nothing is in view, but a line may cross it from one side to the other. */
function between(bins: Bins, x: Scale): { from: number; to: number } {
  const next = bins.xFirst.findIndex(value => value > x.max);
  return next > 0 ? { from: before(bins, next), to: after(bins, next) } : { from: 0, to: 0 };
}

class Pen {
  constructor(private readonly _frame: Frame) {}

  /** Take in the next bin. */
  bin(bins: Bins, i: number): void {
    const total = at(bins.count, i);
    if (total === 0) {
      return;
    }
    let a = place(this._frame.x, at(bins.xFirst, i)) * this._frame.width;
    let b = place(this._frame.x, at(bins.xLast, i)) * this._frame.width;
    a = Number.isFinite(a) ? a : b;
    b = Number.isFinite(b) ? b : a;
    if (!Number.isFinite(a)) {
      this._mark('x?', 0, total);
      this._break();
      return;
    }
    this._mark('nan', a, at(bins.nNan, i));
    this._mark('+inf', a, at(bins.nPosInf, i));
    this._mark('-inf', a, at(bins.nNegInf, i));
    const n = nFinite(bins, i);
    if (this._frame.y.isLog && n > 0 && at(bins.min, i) <= 0) {
      this._mark('y<=0', a, n === 1 || at(bins.max, i) <= 0 ? n : 1);
    }
    if (n === 0 || (this._frame.y.isLog && at(bins.max, i) <= 0)) {
      this._break();
    } else if (Math.abs(b - a) > 1 && at(bins.size, i) > 1) {
      this._wide(bins, i, n, a, b);
    } else {
      this._narrow(bins, i, a);
    }
  }

  /** What was drawn. */
  shape(): Shape {
    this._flush();
    const marks = [...this._marks.values()].filter(({ x }) => x >= -1 && x <= this._frame.width + 1);
    return { ...finished(this._lines, this._frame), bars: this._bars, boxes: this._boxes, marks };
  }

  private _narrow(bins: Bins, i: number, x: number): void {
    const column = Math.floor(x);
    const first = this._y(at(bins.first, i));
    const last = this._y(at(bins.last, i));
    const top = this._y(at(bins.max, i));
    const bottom = this._y(at(bins.min, i));
    const open = this._column;
    if (open !== null && open.at === column) {
      open.last = last;
      open.top = Math.min(open.top, top);
      open.bottom = Math.max(open.bottom, bottom);
      return;
    }
    this._flush();
    this._column = { at: column, x: at(bins.size, i) === 1 ? x : column + 0.5, first, last, top, bottom };
  }

  private _wide(bins: Bins, i: number, n: number, a: number, b: number): void {
    this._flush();
    const first = this._y(at(bins.first, i));
    const last = this._y(at(bins.last, i));
    if (n === 1) {
      this._line.push((a + b) / 2, first);
      return;
    }
    if (n > 2) {
      const top = this._y(at(bins.max, i));
      this._boxes.push(Math.min(a, b), top, Math.max(a, b), this._y(at(bins.min, i)));
    }
    this._line.push(a, first, b, last);
  }

  private _flush(): void {
    const open = this._column;
    this._column = null;
    if (open === null) {
      return;
    }
    if (open.top === open.bottom) {
      this._line.push(open.x, open.first);
      return;
    }
    const x = open.at + 0.5;
    if (x > -1 && x < this._frame.width + 1) {
      this._bars.push(x, open.top, open.bottom);
    }
    this._line.push(x, open.first);
    if (open.last !== open.first) {
      this._line.push(x, open.last);
    }
  }

  private _break(): void {
    this._flush();
    if (this._line.length > 0) {
      this._line = [];
      this._lines.push(this._line);
    }
  }

  private _y(value: number): number {
    const where = place(this._frame.y, value);
    return (1 - (Number.isNaN(where) ? 0 : where)) * this._frame.height;
  }

  private _mark(kind: MarkKind, x: number, count: number): void {
    if (count <= 0) {
      return;
    }
    const column = Math.floor(x);
    const key = `${kind} ${column}`;
    const mark = this._marks.get(key);
    if (mark === undefined) {
      this._marks.set(key, { kind, x: column + 0.5, count });
    } else {
      mark.count += count;
    }
  }

  private _line: number[] = [];
  private readonly _lines: number[][] = [this._line];
  private readonly _bars: number[] = [];
  private readonly _boxes: number[] = [];
  private readonly _marks = new Map<string, Mark>();
  private _column: Column | null = null;
}

function finished(lines: number[][], { width, height }: Frame): { lines: number[][]; dots: number[] } {
  const dots = lines.filter(line => line.length === 2).flat();
  const long = lines.filter(line => line.length > 2);
  return { lines: clipped(long, width, height), dots };
}
