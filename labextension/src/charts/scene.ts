/** What is seen at a moment: lines, axes and where numbers stand. No screen is needed for it. */

import { RELATIVE, STEP, type Tick, WALL, xTicks, yTicks } from './axes.js';
import type { Choices } from './choices.js';
import { inWords, outsideOf, outsideWords, shownOf, xRange, yRange } from './facts.js';
import { formatCount, formatNumber } from './format.js';
import type { Frame } from './geometry.js';
import { dashOf } from './palette.js';
import { type Line, type Picture, pictureOf } from './picture.js';
import { growingEnd, roomy, type Scale, scaleFor } from './scales.js';
import type { Source } from './source.js';
import { lineColor, type Theme } from './theme.js';
import type { ChartSource } from './types.js';
import { hull, type Views } from './view.js';

/** The x and y axes, and what they show. */
export interface Scene {
  lines: Line[];
  /** All of x, and what is seen of it. */
  whole: Scale;
  x: Scale;
  /** All of y that has something in the seen part of x, and what is seen of it. */
  wholeY: Scale;
  y: Scale;
  /** Somebody chose what is seen of y: numbers may lie outside. */
  isYChosen: boolean;
  /** What x is. */
  of: string;
}

/** Put together what is known and seen. */
export function sceneOf(
  given: readonly ChartSource[], known: readonly Source[], choices: Choices, views: Views, theme: Theme
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
  const x = views.x === null ? whole : scaleFor(...views.x, choices.isLogX);
  const fitting = roomy(scaleFor(...yRange(all, x, choices.isLogY), choices.isLogY));
  const y = views.y === null ? fitting : scaleFor(...views.y, choices.isLogY);
  return { lines, whole, x, wholeY: hull(fitting, y), y, isYChosen: views.y !== null, of };
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
  return [`${title}, ${text('over')} ${xName(scene.of, text)}.`, ...lines, ...outsideText(scene, text)].join(' ');
}

function outsideText(scene: Scene, text: (text: string) => string): string[] {
  if (!scene.isYChosen) {
    return [];
  }
  const [from, to] = [scene.y.min, scene.y.max].map(value => formatNumber(value));
  return [`${[`${text('Shown is y from')} ${from} ${text('to')} ${to}`, ...beyond(scene, text)].join(', ')}.`];
}

function beyond({ lines, x, y, isYChosen }: Scene, text: (text: string) => string): string[] {
  return isYChosen ? outsideWords(outsideOf(lines.flatMap(line => line.parts), x, y), text) : [];
}

/** Say in a few words what x is if it is no step, and how many points are not drawn, and why. */
export function sceneNote(scene: Scene, words: (text: string, ...args: string[]) => string): string {
  const shown = shownOf(scene.lines.flatMap(line => line.parts), scene.x);
  const along = scene.of === STEP ? '' : `${words('over')} ${xName(scene.of, words)}`;
  const counts = shown === null ? '' : words('%1 of %2 points', ...shown.map(formatCount));
  return [along, counts, ...beyond(scene, words)].filter(Boolean).join(' · ');
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
