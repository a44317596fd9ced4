/** Painting a picture on a canvas. */

import { type BestMark, flagOf, type Picture, signOf, type Stroke, TURN_DASH, TURN_OPACITY } from './picture.js';
import type { Theme } from './theme.js';
import type { TurnMark } from './turns.js';

/** What is used of a canvas. */
export type Context = Pick<
  CanvasRenderingContext2D,
  | 'save' | 'restore' | 'beginPath' | 'moveTo' | 'lineTo' | 'stroke' | 'fill' | 'fillRect' | 'rect'
  | 'clip' | 'translate' | 'arc' | 'setLineDash' | 'closePath' | 'lineJoin' | 'lineCap' | 'lineWidth'
  | 'strokeStyle' | 'fillStyle' | 'globalAlpha'
>;

/** Where a plot stands on its canvas. Units: pixels of the canvas. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Numbers of a piece of a line, two for each corner; marks of a piece. */
const PIECE = 64;
const STEEP = 4;

/** Paint a picture; `ratio` is how many pixels of the canvas make one of the screen. */
export function paint(context: Context, picture: Picture, box: Box, theme: Theme, ratio: number): void {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  context.translate(box.left, box.top);
  context.lineJoin = 'round';
  picture.turns.forEach(mark => paintTurn(context, mark, box, ratio));
  for (const stroke of picture.strokes) {
    paintStroke(context, stroke, ratio);
  }
  context.globalAlpha = 1;
  for (const stroke of picture.strokes) {
    paintMarks(context, stroke, box, ratio);
  }
  for (const best of picture.best) {
    paintBest(context, best, theme, ratio);
  }
  context.restore();
}

function paintStroke(context: Context, stroke: Stroke, ratio: number): void {
  const { lines, dots, points, boxes, bars } = stroke.shape;
  context.strokeStyle = stroke.color;
  context.fillStyle = stroke.color;
  context.globalAlpha = stroke.opacity * 0.3;
  for (let i = 0; i < boxes.length; i += 4) {
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.slice(i, i + 4);
    context.fillRect(left, top, right - left, Math.max(ratio, bottom - top));
  }
  context.globalAlpha = stroke.opacity;
  context.lineWidth = stroke.width * ratio;
  const full = stroke.width * ratio;
  for (let i = 0; i < bars.length; i += 3) {
    const [x = 0, top = 0, bottom = 0] = bars.slice(i, i + 3);
    // Bars that shine through must not overlap those beside them.
    const isAlone = x - (bars[i - 3] ?? -Infinity) >= full && (bars[i + 3] ?? Infinity) - x >= full;
    const thick = stroke.opacity === 1 || isAlone ? full : 1;
    context.fillRect(x - thick / 2, top, thick, Math.max(thick, bottom - top));
  }
  const dash = stroke.dash.map(length => length * ratio);
  for (const line of lines) {
    strokeLine(context, line, dash);
  }
  context.setLineDash([]);
  context.beginPath();
  addDots(context, dots, 2.5 * ratio);
  addDots(context, points, 2 * ratio);
  context.fill();
}

function addDots(context: Context, dots: readonly number[], radius: number): void {
  for (let i = 0; i < dots.length; i += 2) {
    const [x = 0, y = 0] = dots.slice(i, i + 2);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

/** A thin upright line, on whole pixels; with a flag where a segment begins. */
function paintTurn(context: Context, mark: TurnMark, { height }: Box, ratio: number): void {
  const x = Math.floor(mark.left) + 0.5;
  context.globalAlpha = TURN_OPACITY;
  context.strokeStyle = mark.color;
  context.fillStyle = mark.color;
  context.lineWidth = ratio;
  context.setLineDash(mark.isSegment ? [] : TURN_DASH.map(length => length * ratio));
  context.beginPath();
  trace(context, [x, 0, x, height]);
  context.stroke();
  context.setLineDash([]);
  if (mark.isSegment) {
    context.beginPath();
    trace(context, flagOf(mark, 4 * ratio));
    context.closePath();
    context.fill();
  }
}

/**
 * Stroke a line piece by piece: the time that a canvas takes for a path grows with the square of
 * its corners. Steep parts of a dashed line are solid, for a spike must not fall between dashes.
 */
function strokeLine(context: Context, line: readonly number[], dash: number[]): void {
  for (let i = 0; i + 2 < line.length; i += PIECE) {
    context.setLineDash(dash);
    context.beginPath();
    trace(context, line.slice(i, i + PIECE + 2));
    context.stroke();
  }
  if (dash.length === 0) {
    return;
  }
  context.setLineDash([]);
  context.beginPath();
  for (let i = 2; i < line.length; i += 2) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = line.slice(i - 2, i + 2);
    if (Math.abs(by - ay) > STEEP * Math.abs(bx - ax)) {
      trace(context, [ax, ay, bx, by]);
    }
  }
  context.stroke();
}

function trace(context: Context, line: readonly number[]): void {
  context.moveTo(line[0] ?? 0, line[1] ?? 0);
  for (let i = 2; i < line.length; i += 2) {
    context.lineTo(line[i] ?? 0, line[i + 1] ?? 0);
  }
}

function paintMarks(context: Context, stroke: Stroke, { height }: Box, ratio: number): void {
  const { marks } = stroke.shape;
  context.strokeStyle = stroke.color;
  context.lineWidth = 1.5 * ratio;
  // A zoom of y may leave a mark in every column: piece by piece, as with lines.
  for (let i = 0; i < marks.length; i += PIECE) {
    context.beginPath();
    for (const mark of marks.slice(i, i + PIECE)) {
      for (const line of signOf(mark.kind, mark.x, height, 3.5 * ratio)) {
        trace(context, line);
      }
    }
    context.stroke();
  }
}

function paintBest(context: Context, { left, top, color }: BestMark, theme: Theme, ratio: number): void {
  context.beginPath();
  context.arc(left, top, 4.5 * ratio, 0, 2 * Math.PI);
  context.fillStyle = theme.ground;
  context.fill();
  context.strokeStyle = color;
  context.lineWidth = 2 * ratio;
  context.stroke();
  context.beginPath();
  context.arc(left, top, 1.5 * ratio, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
}
