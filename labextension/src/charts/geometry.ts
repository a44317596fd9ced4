/** What is drawn, in pixels of the plot, and which bins of it can be seen. */

import { at, type Bins } from './bins.js';
import type { Scale } from './scales.js';

/** What cannot stand at its place: it is marked at an edge, with how many there are. */
export type MarkKind = 'nan' | '+inf' | '-inf' | 'y<=0' | 'x?' | 'above' | 'below';

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
  /** All points, if they are so few that each can be told from its neighbours: x, y, ... */
  points: number[];
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
  /** How many of its pixels make one of the screen. Default: 1. */
  ratio?: number;
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
