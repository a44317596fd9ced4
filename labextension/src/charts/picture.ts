/** Everything a chart shows, ready to be painted on a canvas or written as SVG. */

import { type Best, bestOf } from './facts.js';
import type { Frame, Shape } from './geometry.js';
import { drawn, drawnAverage } from './pen.js';
import { place } from './scales.js';
import type { SegmentBins } from './segments.js';
import { markTurns, type Turn, type TurnMark } from './turns.js';

/** How faint older segments are, and the raw line under an average. */
export const FAINT = 0.35;

/** A line as it is drawn: one segment, or its average. */
export interface Stroke {
  shape: Shape;
  color: string;
  dash: readonly number[];
  opacity: number;
  /** Units: pixels of the screen. */
  width: number;
}

/** A place with a mark for the best value. */
export interface BestMark extends Best {
  color: string;
  left: number;
  top: number;
}

/** What is painted, from the back to the front. */
export interface Picture {
  turns: TurnMark[];
  strokes: Stroke[];
  best: BestMark[];
}

/** A line of a chart, with how it looks. */
export interface Line {
  label: string;
  /** Empty if the line is hidden. */
  parts: readonly SegmentBins[];
  turns: readonly Turn[];
  /** Of the marks of turns. */
  turnColor: string;
  /** Older segments that are not among the parts. */
  nLeftOut: number;
  isHidden: boolean;
  /** Nothing was told of it yet. */
  isAwaited?: boolean;
  color: string;
  dash: readonly number[];
  goal: string | null;
  hasAverage: boolean;
}

/** Draw all lines; older segments lie behind newer ones. */
export function pictureOf(lines: readonly Line[], frame: Frame): Picture {
  const faint: Stroke[] = [];
  const strong: Stroke[] = [];
  const best: BestMark[] = [];
  for (const line of lines) {
    const { color, dash } = line;
    line.parts.forEach((part, i) => {
      const isNewest = i === line.parts.length - 1;
      const isStrong = isNewest && !line.hasAverage;
      const shape = drawn(part.bins, frame);
      // Under an average, a noisy line with dashes would be a cloud.
      const stroke = { shape, color, dash: line.hasAverage ? [] : dash, opacity: isStrong ? 1 : FAINT, width: isStrong ? 1.5 : 1 };
      (isStrong ? strong : faint).push(stroke);
      if (isNewest && line.hasAverage) {
        strong.push({ shape: drawnAverage(part.bins, frame), color, dash, opacity: 1, width: 1.75 });
      }
    });
    const found = bestOf(line.parts, line.goal);
    if (found !== null) {
      const left = place(frame.x, found.x) * frame.width;
      const top = (1 - place(frame.y, found.value)) * frame.height;
      if (left >= 0 && left <= frame.width && top >= 0 && top <= frame.height) {
        best.push({ ...found, color, left, top });
      }
    }
  }
  return { turns: markTurns(lines, frame).marks, strokes: [...faint, ...strong], best };
}

/** Dashes of the mark where another cell goes on; where a segment begins, it is solid. */
export const TURN_DASH = [4, 3] as const;
export const TURN_OPACITY = 0.75;

/** The corners of the flag on the mark where a segment begins. */
export function flagOf({ left }: TurnMark, size: number): number[] {
  return [left, 0, left + 2 * size, size, left, 2 * size];
}

/** The corners of the sign for a mark, around the middle of its column at the edge of the plot. */
export function signOf(kind: string, x: number, height: number, size: number): number[][] {
  const low = height - 1;
  switch (kind) {
    case '+inf':
      return [[x - size, size + 1, x, 1, x + size, size + 1]];
    case '-inf':
      return [[x - size, low - size, x, low, x + size, low - size]];
    case 'above':
      return [[x - size, 1, x + size, 1], [x, 1, x, 2 * size]];
    case 'below':
      return [[x - size, low, x + size, low], [x, low, x, low - 2 * size]];
    case 'y<=0':
      return [[x - size, low - size, x + size, low - size, x, low, x - size, low - size]];
    case 'x?':
      return [[1 + size, low - 3 * size, 1, low - 2 * size, 1 + size, low - size]];
    default:
      return [
        [x - size, low - 2 * size, x + size, low],
        [x - size, low, x + size, low - 2 * size]
      ];
  }
}
