/** What is seen at a moment: lines, axes and where numbers stand. No screen is needed for it. */

import { RELATIVE, STEP, type Tick, WALL, xTicks, yTicks } from './axes.js';
import type { Choices } from './choices.js';
import { inWords, xRange, yRange } from './facts.js';
import type { Frame } from './geometry.js';
import { dashOf } from './palette.js';
import { type Line, type Picture, pictureOf } from './picture.js';
import { growingEnd, roomy, type Scale, scaleFor } from './scales.js';
import type { Source } from './source.js';
import { lineColor, type Theme } from './theme.js';
import type { ChartSource } from './types.js';
import type { View } from './view.js';

/** The x and y axes, and what they show. */
export interface Scene {
  lines: Line[];
  /** All of x, and what is seen of it. */
  whole: Scale;
  x: Scale;
  y: Scale;
  /** What x is. */
  of: string;
}

/** Put together what is known; `view` is the part of x that is seen. */
export function sceneOf(
  given: readonly ChartSource[], known: readonly Source[], choices: Choices, view: View, theme: Theme
): Scene {
  const of = known.find(source => source.x !== null)?.x ?? choices.x;
  const lines = given.map((source, i): Line => {
    const { x, parts } = known[i] ?? { x: null, parts: [] };
    return {
      label: source.label || source.metric,
      // Until a line has come over to another x, it has no place.
      parts: x === of ? parts : [],
      color: lineColor(theme, i, source.color),
      dash: dashOf(i),
      goal: source.goal ?? null,
      hasAverage: choices.ema > 0
    };
  });
  const all = lines.flatMap(line => line.parts);
  const [min, max] = xRange(all, choices.isLogX);
  const grows = known.some(source => source.isRunning) && !choices.isLogX;
  const whole = scaleFor(min, grows ? growingEnd(min, max) : max, choices.isLogX);
  const x = view === null ? whole : scaleFor(view[0], view[1], choices.isLogX);
  const [low, high] = yRange(all, x, choices.isLogY);
  return { lines, whole, x, y: roomy(scaleFor(low, high, choices.isLogY)), of };
}

/** Where numbers stand in a plot of this size. */
export function frameOf({ x, y }: Scene, width: number, height: number): Frame {
  return { x, y, width, height };
}

/** Draw a scene for a plot of this size. */
export function drawScene(scene: Scene, width: number, height: number): Picture {
  return pictureOf(scene.lines, frameOf(scene, width, height));
}

/** Ticks of both axes for a plot of this size in pixels of the screen. */
export function ticksOf({ x, y, of }: Scene, width: number, height: number): { x: Tick[]; y: Tick[] } {
  return {
    x: xTicks(x, of, Math.max(2, Math.floor(width / (of === WALL ? 90 : 64)))),
    y: yTicks(y, Math.max(2, Math.floor(height / 36)))
  };
}

/** Say in words what a scene shows. */
export function sceneText(scene: Scene, title: string, text: (text: string) => string): string {
  const lines = scene.lines.map(line => inWords(line.label, line.parts, line.goal, text));
  return [`${title}, ${text('over')} ${xName(scene.of, text)}.`, ...lines].join(' ');
}

/** What x is called. */
export function xName(x: string, text: (text: string) => string): string {
  const names: Record<string, string> = {
    [STEP]: text('step'),
    [RELATIVE]: text('time since start'),
    [WALL]: text('wall time')
  };
  return names[x] ?? x;
}
