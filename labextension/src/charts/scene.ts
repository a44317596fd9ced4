/** What is seen at a moment: lines, axes and where numbers stand. No screen is needed for it. */

import { RELATIVE, STEP, type Tick, WALL, xTicks, yTicks } from './axes.js';
import type { Choices } from './choices.js';
import { inWords, outsideOf, outsideWords, shownOf, xRange, yRange } from './facts.js';
import { formatCount, formatNumber } from './format.js';
import type { Frame } from './geometry.js';
import { dashesFor, dashOf } from './palette.js';
import { type Line, type Picture, pictureOf } from './picture.js';
import { growingEnd, roomy, type Scale, scaleFor } from './scales.js';
import { weightText } from './slider.js';
import type { Source } from './source.js';
import { lineColor, type Theme } from './theme.js';
import { markTurns, type TurnMarks } from './turns.js';
import { turnsText, unmarked } from './turnWords.js';
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
  /** Weight of the moving average: 0 is none. */
  ema: number;
}

/** What was chosen of a chart, beside how its axes are. */
export interface Chosen {
  choices: Choices;
  views: Views;
  /** Lines that are not shown, by their place. */
  hidden: ReadonlySet<number>;
}

type Words = (text: string, ...args: string[]) => string;

/** Put together what is known and seen. */
export function sceneOf(
  given: readonly ChartSource[], known: readonly Source[], { choices, views, hidden }: Chosen, theme: Theme
): Scene {
  const of = known.find((source, i) => source.x !== null && !hidden.has(i))?.x ?? choices.x;
  const colors = given.map((source, i) => lineColor(theme, i, source.color));
  const dashes = theme.isForced ? colors.map((_, i) => dashOf(i)) : dashesFor(colors);
  const lines = given.map((source, i): Line => {
    // Until a line has come over to another x, it has no place.
    const found = known[i]?.x === of && !hidden.has(i) ? known[i] : undefined;
    const color = colors[i] ?? theme.text;
    return {
      label: source.label || source.metric,
      parts: found?.parts ?? [],
      turns: found?.turns ?? [],
      nLeftOut: found?.nLeftOut ?? 0,
      isHidden: hidden.has(i),
      isAwaited: found === undefined && !hidden.has(i),
      color,
      turnColor: given.length > 1 ? color : theme.faint,
      dash: dashes[i] ?? [],
      goal: source.goal ?? null,
      hasAverage: choices.ema > 0
    };
  });
  const all = lines.flatMap(line => line.parts);
  const [min, max] = xRange(all, choices.isLogX);
  const grows = known.some((source, i) => source.isRunning && !hidden.has(i)) && !choices.isLogX;
  const whole = scaleFor(min, grows ? growingEnd(min, max) : max, choices.isLogX);
  const x = views.x === null ? whole : scaleFor(...views.x, choices.isLogX);
  const fitting = roomy(scaleFor(...yRange(all, x, choices.isLogY), choices.isLogY));
  const y = views.y === null ? fitting : scaleFor(...views.y, choices.isLogY);
  return { lines, whole, x, wholeY: hull(fitting, y), y, isYChosen: views.y !== null, of, ema: choices.ema };
}

/** Where numbers stand in a plot of this size. */
export function frameOf({ x, y }: Scene, width: number, height: number, ratio = 1): Frame {
  return { x, y, width, height, ratio };
}

/** Draw a scene for a plot of this size. */
export function drawScene(scene: Scene, width: number, height: number, ratio = 1): Picture {
  return pictureOf(scene.lines, frameOf(scene, width, height, ratio));
}

/** The marks of cells and segments in a plot of this size; they are placed once for a scene, not at each move. */
export function sceneTurns(scene: Scene, width: number, height: number): TurnMarks {
  const known = placed.get(scene);
  if (known?.width === width) {
    return known.marks;
  }
  const marks = markTurns(scene.lines, frameOf(scene, width, height));
  placed.set(scene, { width, marks });
  return marks;
}

const placed = new WeakMap<Scene, { width: number; marks: TurnMarks }>();

/** Ticks of both axes for a plot of this size in pixels of the screen. */
export function ticksOf({ x, y, of }: Scene, width: number, height: number): { x: Tick[]; y: Tick[] } {
  return {
    x: xTicks(x, of, Math.max(2, Math.floor(width / (of === WALL ? 90 : 64)))),
    y: yTicks(y, Math.max(2, Math.floor(height / 36)))
  };
}

/** Say in words what a scene shows: nothing before anything is known of it. */
export function sceneText(scene: Scene, title: string, turns: TurnMarks, words: Words): string {
  const text = (one: string): string => words(one);
  const labels = scene.lines.map(({ label }) => label);
  const told = scene.lines.filter(({ isAwaited }) => !isAwaited);
  if (told.length === 0) {
    return '';
  }
  const lines = told.map(({ label, isHidden, parts, goal, nLeftOut }) =>
    isHidden ? `${label}: ${text('hidden')}.` : inWords(label, parts, goal, text, nLeftOut)
  );
  return [
    `${title}, ${text('over')} ${xName(scene.of, text)}.`,
    ...lines,
    ...turnsText(turns, scene.of, labels, words),
    ...outsideText(scene, text)
  ].join(' ');
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

/** Say in a few words what x is if it is no step, whether lines are smoothed, and what is not drawn, and why. */
export function sceneNote(scene: Scene, turns: TurnMarks, words: Words): string {
  const shown = shownOf(scene.lines.flatMap(line => line.parts), scene.x);
  const along = scene.of === STEP ? '' : `${words('over')} ${xName(scene.of, words)}`;
  // It is remembered, and its slider is out of sight.
  const smoothed = scene.ema > 0 ? words('smoothed %1', weightText(scene.ema)) : '';
  const counts = shown === null ? '' : words('%1 of %2 points', ...shown.map(formatCount));
  const nLeftOut = scene.lines.reduce((n, line) => n + line.nLeftOut, 0);
  const older = nLeftOut === 0 ? '' : words('%1 older segments not drawn', formatCount(nLeftOut));
  return [along, smoothed, counts, ...beyond(scene, words), older, ...unmarked(turns, words)].filter(Boolean).join(' · ');
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
