/** From numbers to places between 0 and 1, and back; where ticks stand. */

/** An axis between two numbers. */
export interface Scale {
  min: number;
  max: number;
  isLog: boolean;
}

/** Beyond these, differences and quotients of numbers on an axis are no numbers any more. */
const LARGEST = Number.MAX_VALUE / 4;
const SMALLEST = 1e-290;

/** Where a number stands: 0 at `min`, 1 at `max`; NaN for what a log axis cannot show. */
export function place(scale: Scale, value: number): number {
  if (!scale.isLog) {
    return (value - scale.min) / (scale.max - scale.min);
  }
  if (!(value > 0)) {
    return NaN;
  }
  const low = Math.log10(scale.min);
  return (Math.log10(value) - low) / (Math.log10(scale.max) - low);
}

/** Which number stands at a place. */
export function valueAt(scale: Scale, where: number): number {
  if (!scale.isLog) {
    return scale.min + where * (scale.max - scale.min);
  }
  const low = Math.log10(scale.min);
  return 10 ** (low + where * (Math.log10(scale.max) - low));
}

/** A scale that holds all of these, also if they are one number, or none, or huge. */
export function scaleFor(min: number, max: number, isLog: boolean): Scale {
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    return isLog ? { min: 0.1, max: 10, isLog } : { min: 0, max: 1, isLog };
  }
  if (isLog) {
    const low = Math.min(LARGEST, Math.max(min, SMALLEST));
    const high = Math.min(LARGEST, Math.max(max, SMALLEST));
    return high / low > 1 + 1e-12 ? { min: low, max: high, isLog } : { min: low / 2, max: high * 2, isLog };
  }
  const low = Math.max(-LARGEST, Math.min(LARGEST, min));
  const high = Math.max(-LARGEST, Math.min(LARGEST, max));
  if (high - low > Math.max(Math.abs(low) * 1e-12, SMALLEST)) {
    return { min: low, max: high, isLog };
  }
  const room = Math.max(Math.abs(low) * 0.1, Math.abs(low) < SMALLEST ? 1 : 0);
  return { min: low - room, max: high + room, isLog };
}

/** A scale with some room above and below, ending at round numbers so that it changes rarely. */
export function roomy(scale: Scale): Scale {
  if (scale.isLog) {
    const decades = Math.log10(scale.max) - Math.log10(scale.min);
    const part = decades > 3 ? 2 : 8;
    const low = Math.floor(Math.log10(scale.min) * part - 0.25) / part;
    const high = Math.ceil(Math.log10(scale.max) * part + 0.25) / part;
    return { min: Math.max(10 ** low, SMALLEST / 10), max: Math.min(10 ** high, LARGEST), isLog: true };
  }
  const range = scale.max - scale.min;
  const step = niceStep(range / 10);
  const room = range * 0.03;
  // What is never below zero gets no axis below zero: its curve ends on the axis.
  const least = scale.min >= 0 ? 0 : -Infinity;
  const most = scale.max <= 0 ? 0 : Infinity;
  const low = Math.max(least, Math.floor((scale.min - room) / step) * step);
  const high = Math.min(most, Math.ceil((scale.max + room) / step) * step);
  return low < high ? { min: low, max: high, isLog: false } : scale;
}

/**
 * The end of an axis that grows: it moves in steps of an eighth at most, so that what is drawn
 * stays where it is.
 */
export function growingEnd(min: number, max: number): number {
  const range = max - min;
  if (!(range > 0)) {
    return max;
  }
  const step = 2 ** Math.floor(Math.log2(range)) / 8;
  return min + Math.ceil(range / step) * step;
}

/** The smallest of 1, 2, 5 times a power of ten that is at least this. */
export function niceStep(least: number): number {
  if (!(least > 0)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(least));
  const found = [1, 2, 5, 10].find(factor => factor * power >= least * (1 - 1e-9));
  return (found ?? 10) * (power || Number.MIN_VALUE);
}

/** Round numbers on an axis, at most about `n`. */
export function ticks(scale: Scale, n: number): number[] {
  const decades = Math.log10(scale.max) - Math.log10(scale.min);
  if (scale.isLog && decades > 1) {
    return logTicks(scale, n, decades);
  }
  const step = niceStep((scale.max - scale.min) / Math.max(1, n));
  const found: number[] = [];
  const first = Math.ceil(scale.min / step - 1e-9);
  for (let i = 0; i <= 2 * n + 2; i += 1) {
    const tick = tidy((first + i) * step, step);
    if (tick > scale.max + step * 1e-9) {
      break;
    }
    found.push(tick);
  }
  return found;
}

function logTicks(scale: Scale, n: number, decades: number): number[] {
  const every = Math.max(1, Math.ceil(decades / Math.max(1, n)));
  const factors = decades * 3 <= n ? [1, 2, 5] : [1];
  const found: number[] = [];
  const low = Math.floor(Math.log10(scale.min) / every) * every;
  for (let power = low; power <= Math.log10(scale.max); power += every) {
    found.push(...factors.map(factor => Number(`${factor}e${power}`)));
  }
  return found.filter(tick => tick > 0 && tick >= scale.min * (1 - 1e-9) && tick <= scale.max * (1 + 1e-9));
}

function tidy(value: number, step: number): number {
  const digits = Math.min(100, Math.max(0, 1 - Math.floor(Math.log10(step))));
  return Math.abs(value) < 1e15 && digits < 20 ? Number(value.toFixed(digits)) : value;
}

const TIME_STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  172800, 604800, 1209600, 2592000, 7776000, 31536000
];

/** Moments on a time axis, in seconds; local time's hours and days are round. */
export function timeTicks(scale: Scale, n: number, zone_s: number): number[] {
  const least = (scale.max - scale.min) / Math.max(1, n);
  if (least < 0.5) {
    return ticks(scale, n);
  }
  const step = TIME_STEPS_S.find(one => one >= least) ?? niceStep(least);
  const first = Math.ceil((scale.min + zone_s) / step);
  const found: number[] = [];
  for (let i = 0; i <= 2 * n + 2 && (first + i) * step - zone_s <= scale.max; i += 1) {
    found.push((first + i) * step - zone_s);
  }
  return found;
}
