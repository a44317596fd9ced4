/** Where another cell, or another segment, goes on with a line. */

import { at } from './bins.js';
import { type Frame } from './geometry.js';
import { place } from './scales.js';
import type { SegmentBins, Stretch } from './segments.js';

/** The first point of a line that another cell or another segment made than the one before it. */
export interface Turn {
  row: number;
  x: number;
  segment: number;
  execution: string | null;
  /** A segment begins, not only another cell. */
  isSegment: boolean;
}

/** A mark in the plot: the last of the turns that stand here. */
export interface TurnMark extends Turn {
  /** Which of the lines. */
  line: number;
  color: string;
  /** Units: pixels of the plot. */
  left: number;
  /** How many turns it stands for. */
  n: number;
}

/** What is marked of the turns in view. */
export interface TurnMarks {
  marks: TurnMark[];
  /** How many turns are in view. */
  n: number;
}

/** More marks would hide the curve. */
export const MAX_MARKS = 24;
/** Nearer ones are one mark. Units: pixels. */
const APART = 8;

/** The turns of one line, in the order of their rows; at most one for each bin, none at its start. */
export function turnsOf(parts: readonly SegmentBins[], stretches: readonly Stretch[]): Turn[] {
  const turns: Turn[] = [];
  let next = 0;
  let before: Stretch | null = null;
  for (const { bins } of parts) {
    for (let i = 0; i < bins.row.length; i += 1) {
      const row = at(bins.row, i);
      const end = row + at(bins.size, i);
      let now: Stretch | null = before;
      while (at(bins.count, i) > 0 && (stretches[next]?.row ?? Infinity) < end) {
        now = stretches[next] ?? now;
        next += 1;
      }
      if (before !== null && now !== null && isTurn(before, now)) {
        const { segment, execution } = now;
        const x = at(now.row > row ? bins.xLast : bins.xFirst, i);
        turns.push({ row: Math.max(row, now.row), x, segment, execution, isSegment: segment !== before.segment });
      }
      before = now;
    }
  }
  return turns;
}

function isTurn(before: Stretch, now: Stretch): boolean {
  return before.segment !== now.segment || before.execution !== now.execution;
}

/**
 * Place marks for the turns in view. Those that are too near are one mark; if there are still too
 * many, only beginnings of segments are marked, or nothing.
 */
export function markTurns(
  lines: readonly { turns: readonly Turn[]; turnColor: string }[], { x, width, ratio = 1 }: Frame
): TurnMarks {
  const found: TurnMark[] = [];
  lines.forEach(({ turns, turnColor: color }, line) => {
    for (const turn of turns) {
      const left = place(x, turn.x) * width;
      if (left >= 0 && left <= width) {
        found.push({ ...turn, line, color, left, n: 1 });
      }
    }
  });
  found.sort((a, b) => a.left - b.left);
  const all = thinned(found, APART * ratio);
  const some = all.length <= MAX_MARKS ? all : thinned(found.filter(({ isSegment }) => isSegment), APART * ratio);
  return { marks: some.length <= MAX_MARKS ? some : [], n: found.length };
}

function thinned(found: readonly TurnMark[], apart: number): TurnMark[] {
  const marks: TurnMark[] = [];
  for (const mark of found) {
    const before = marks.at(-1);
    if (before === undefined || mark.left - before.left >= apart) {
      marks.push({ ...mark });
    } else {
      const isSegment = before.isSegment || mark.isSegment;
      marks[marks.length - 1] = { ...mark, left: before.left, n: before.n + 1, isSegment };
    }
  }
  return marks;
}

/** The mark that the cursor stands on, within so many pixels. */
export function markAt(marks: readonly TurnMark[], left: number, reach = 5): TurnMark | null {
  let best: TurnMark | null = null;
  for (const mark of marks) {
    const away = Math.abs(mark.left - left);
    if (away <= reach && away < Math.abs((best?.left ?? Infinity) - left)) {
      best = mark;
    }
  }
  return best;
}
