/** Ticks and labels of both axes, for the canvas and for SVG alike. */

import { formatDuration, formatMoments, formatTicks } from './format.js';
import { place, type Scale, ticks, timeTicks } from './scales.js';

/** A tick: its place from 0 to 1, and what stands beside it. */
export interface Tick {
  where: number;
  label: string;
}

/** The moment of `_timestamp`, and the time since the start of `_runtime`. */
export const RELATIVE = '_runtime';
export const WALL = '_timestamp';
export const STEP = '_step';

/** Ticks of the x axis, at most about `n`. */
export function xTicks(scale: Scale, x: string, n: number): Tick[] {
  if (x === WALL && !scale.isLog) {
    const zone_s = -60 * new Date(scale.min * 1000).getTimezoneOffset();
    const found = timeTicks(scale, n, Number.isFinite(zone_s) ? zone_s : 0);
    return placed(scale, found, formatMoments(found));
  }
  if (x === RELATIVE) {
    const found = scale.isLog ? ticks(scale, n) : timeTicks(scale, n, 0);
    return placed(scale, found, found.map(value => formatDuration(value)));
  }
  const found = ticks(scale, n);
  return placed(scale, found, formatTicks(found));
}

/** Ticks of the y axis, at most about `n`. */
export function yTicks(scale: Scale, n: number): Tick[] {
  const found = ticks(scale, n);
  return placed(scale, found, formatTicks(found));
}

function placed(scale: Scale, values: number[], labels: string[]): Tick[] {
  return values.map((value, i) => ({ where: place(scale, value), label: labels[i] ?? '' }));
}
