/** From bins to what is drawn: lines, dots, bars, boxes and marks. */

import { at, type Bins, nFinite } from './bins.js';
import { clipped } from './clip.js';
import { type Frame, inView, type Mark, type MarkKind, type Shape } from './geometry.js';
import { place } from './scales.js';

/** Points that stand nearer than this, on average, are not drawn on their line. Units: pixels. */
const POINTS_APART = 12;

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
  const marks = new Map<string, Mark>();
  const { from, to } = inView(bins, frame.x);
  for (let i = from; i < to; i += 1) {
    const x = place(frame.x, at(bins.xLast, i)) * frame.width;
    const y = (1 - place(frame.y, at(bins.ema, i))) * frame.height;
    if (Number.isFinite(x) && Number.isFinite(y)) {
      lines.at(-1)?.push(x, y);
      const kind = y < 0 ? 'above' : y > frame.height ? 'below' : null;
      if (kind !== null && x >= 0 && x <= frame.width) {
        addMark(marks, kind, Math.min(x, frame.width - 1), 1);
      }
    } else if (at(bins.count, i) > 0) {
      lines.push([]);
    }
  }
  return { ...finished(lines, frame), bars: [], points: [], boxes: [], marks: [...marks.values()] };
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
    this._beyond(bins, i, n, a, b);
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
    const areSingle = this._bars.length === 0 && this._boxes.length === 0;
    const points = areSingle ? sparse(this._lines, this._frame) : [];
    return { ...finished(this._lines, this._frame), bars: this._bars, points, boxes: this._boxes, marks };
  }

  /** What a zoom of y leaves outside is marked at the edge beyond which it lies. */
  private _beyond(bins: Bins, i: number, n: number, a: number, b: number): void {
    const { y, width } = this._frame;
    const low = at(bins.min, i);
    const high = at(bins.max, i);
    const isLeftOrRight = Math.max(a, b) < 0 || Math.min(a, b) > width;
    if (n === 0 || isLeftOrRight || (y.isLog && high <= 0)) {
      return;
    }
    const middle = at(bins.size, i) > 1 && Math.abs(b - a) > 1 ? (Math.max(0, a) + Math.min(width, b)) / 2 : a;
    const column = Math.max(0, Math.min(width - 1, middle));
    this._mark('above', column, low > y.max ? n : high > y.max ? 1 : 0);
    const isPlaced = !(y.isLog && low <= 0);
    this._mark('below', column, high < y.min ? (isPlaced ? n : 1) : isPlaced && low < y.min ? 1 : 0);
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
    if (count > 0) {
      addMark(this._marks, kind, x, count);
    }
  }

  private _line: number[] = [];
  private readonly _lines: number[][] = [this._line];
  private readonly _bars: number[] = [];
  private readonly _boxes: number[] = [];
  private readonly _marks = new Map<string, Mark>();
  private _column: Column | null = null;
}

function addMark(marks: Map<string, Mark>, kind: MarkKind, x: number, count: number): void {
  const column = Math.floor(x);
  const key = `${kind} ${column}`;
  const mark = marks.get(key);
  if (mark === undefined) {
    marks.set(key, { kind, x: column + 0.5, count });
  } else {
    mark.count += count;
  }
}

/** The points of lines that can be seen; none if they would run together. */
function sparse(lines: readonly (readonly number[])[], { width, ratio = 1 }: Frame): number[] {
  const points: number[] = [];
  const apart = POINTS_APART * ratio;
  const nAll = lines.reduce((n, line) => n + line.length / 2, 0);
  if (nAll > width / apart + 2 + 2 * lines.length) {
    return points;
  }
  let [left, right] = [Infinity, -Infinity];
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const [x = 0, y = 0] = line.slice(i, i + 2);
      if (line.length > 2 && x >= 0 && x <= width) {
        points.push(x, y);
        left = Math.min(left, x);
        right = Math.max(right, x);
      }
    }
  }
  const n = points.length / 2;
  return right - left >= apart * (n - 1) ? points : [];
}

function finished(lines: number[][], { width, height }: Frame): { lines: number[][]; dots: number[] } {
  const dots = lines.filter(line => line.length === 2).flat();
  const long = lines.filter(line => line.length > 2);
  return { lines: clipped(long, width, height), dots };
}
