/** Where another cell, or another segment, goes on with a line. */

import { at } from './bins.js';
import { type Frame } from './geometry.js';
import { place } from './scales.js';
import { madeIn, type SegmentBins, type Stretch } from './segments.js';

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

/**
 * The turns of one line, in the order of their rows; at most one for each bin, none at its start.
 * Where a bin does not tell which of several cells logged the metric, no cell is named.
 */
export function turnsOf(parts: readonly SegmentBins[], stretches: readonly Stretch[], nRows = Infinity): Turn[] {
  const turns: Turn[] = [];
  let before: Stretch | null = null;
  for (const { bins } of parts) {
    for (let i = 0; i < bins.row.length; i += 1) {
      if (at(bins.count, i) === 0) {
        continue;
      }
      const { last: now, isSure } = madeIn(bins, i, stretches, nRows);
      if (before !== null && now !== null && isTurn(before, now)) {
        const row = at(bins.row, i);
        const x = at(now.row > row ? bins.xLast : bins.xFirst, i);
        const execution = isSure ? now.execution : null;
        const isSegment = now.segment !== before.segment;
        turns.push({ row: Math.max(row, now.row), x, segment: now.segment, execution, isSegment });
      }
      before = now ?? before;
    }
  }
  return turns;
}

function isTurn(before: Stretch, now: Stretch): boolean {
  return before.segment !== now.segment || before.execution !== now.execution;
}

/** A line whose turns are marked. */
export interface Turning {
  turns: readonly Turn[];
  turnColor: string;
}

/**
 * Place marks for the turns in view. Those that are too near are one mark; if there are still too
 * many, only beginnings of segments are marked, or nothing.
 */
export function markTurns(lines: readonly Turning[], frame: Frame): TurnMarks {
  const apart = APART * (frame.ratio ?? 1);
  const found = inColumns(lines, frame, false);
  const all = thinned(found, apart);
  const some = all.length <= MAX_MARKS ? all : thinned(inColumns(lines, frame, true), apart);
  return { marks: some.length <= MAX_MARKS ? some : [], n: found.reduce((n, mark) => n + mark.n, 0) };
}

/** One mark for each column of pixels with turns, from left to right: however many turns there are. */
function inColumns(lines: readonly Turning[], { x, width }: Frame, areSegments: boolean): TurnMark[] {
  const columns = new Map<number, { mark: TurnMark; right: number }>();
  lines.forEach(({ turns, turnColor: color }, line) => {
    for (const turn of turns) {
      const left = place(x, turn.x) * width;
      if (!(left >= 0 && left <= width) || (areSegments && !turn.isSegment)) {
        continue;
      }
      const column = columns.get(Math.floor(left));
      if (column === undefined) {
        columns.set(Math.floor(left), { mark: { ...turn, line, color, left, n: 1 }, right: left });
        continue;
      }
      const { mark } = column;
      const isSegment = mark.isSegment || turn.isSegment;
      if (left >= column.right) {
        Object.assign(mark, turn, { line, color });
        column.right = left;
      }
      Object.assign(mark, { left: Math.min(mark.left, left), n: mark.n + 1, isSegment });
    }
  });
  return [...columns.values()].map(({ mark }) => mark).sort((a, b) => a.left - b.left);
}

function thinned(found: readonly TurnMark[], apart: number): TurnMark[] {
  const marks: TurnMark[] = [];
  for (const mark of found) {
    const before = marks.at(-1);
    if (before === undefined || mark.left - before.left >= apart) {
      marks.push({ ...mark });
    } else {
      const isSegment = before.isSegment || mark.isSegment;
      marks[marks.length - 1] = { ...mark, left: before.left, n: before.n + mark.n, isSegment };
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
