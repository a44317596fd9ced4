/** Axes of parallel coordinates: where each run stands on them, and which run is within a range. */
import { type Tick, yTicks } from '../charts/axes.js';
import { place, roomy, type Scale, scaleFor, valueAt } from '../charts/scales.js';
import type { MetricInfo } from '../wire/types.js';
import { valueText } from './words.js';

/** An axis, with a place and a text for each run. Places go from 0 below to 1 above. */
export interface Axis {
  /** Tells a key of the config from the same key of the summary. */
  readonly id: string;
  readonly key: string;
  /** Null if there is anything but numbers. */
  readonly scale: Scale | null;
  readonly ticks: readonly Tick[];
  readonly places: readonly number[];
  readonly texts: readonly string[];
  /** What the values at the foot are; empty if there are none. */
  readonly foot: string;
}

/** A part of an axis, from a place to another one above it. */
export type Range = readonly [number, number];

/** Where a run stands whose value is missing, null or not finite: below the axis. */
export const FOOT = -0.13;
/** What stands for a value that a run lacks. */
export const MISSING = '–';
/** From this quotient on, positive numbers are told apart on a log axis only. */
const LOG_FROM = 100;
const N_TICKS = 7;
const MAX_TEXT = 200;
/** How near the end of a range still counts, for clicks hit no number exactly. */
const NEAR = 1e-6;

/** The axis of a key of the config or the summary; `has` tells which runs have it. */
export function axisOf(
  section: 'config' | 'summary', key: string, values: readonly unknown[], has: readonly boolean[]
): Axis {
  const texts = values.map((value, i) => (has[i] === false ? MISSING : valueText(value).slice(0, MAX_TEXT)));
  const isPlaced = values.map((value, i) => has[i] !== false && canStand(value));
  const there = values.filter((_, i) => isPlaced[i]);
  const numbers = there.filter(value => typeof value === 'number');
  const scale = there.length > 0 && numbers.length === there.length ? scaleOf(numbers) : null;
  const names = [...new Set(there.map(kindOf))];
  const where = (value: unknown): number =>
    scale === null ? rank(names.indexOf(kindOf(value)), names.length) : inside(place(scale, Number(value)));
  return {
    id: `${section}.${key}`,
    key,
    scale,
    ticks:
      scale === null
        ? names.map((name, i) => ({ where: rank(i, names.length), label: name.slice(name.indexOf(' ') + 1) }))
        : yTicks(scale, N_TICKS),
    places: values.map((value, i) => (isPlaced[i] ? where(value) : FOOT)),
    texts,
    foot: [...new Set(texts.filter((_, i) => !isPlaced[i]))].join(', ')
  };
}

function canStand(value: unknown): boolean {
  return value !== null && value !== undefined && (typeof value !== 'number' || Number.isFinite(value));
}

/** Values that are spelled alike are still two if one is a text and the other a number. */
function kindOf(value: unknown): string {
  return `${typeof value} ${valueText(value).slice(0, MAX_TEXT)}`;
}

/** The first stands above, as it would be read. */
function rank(i: number, n: number): number {
  return n < 2 ? 0.5 : 1 - i / (n - 1);
}

function inside(where: number): number {
  return Math.min(1, Math.max(0, where));
}

function scaleOf(numbers: readonly number[]): Scale {
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  return roomy(scaleFor(min, max, min > 0 && max / min >= LOG_FROM));
}

/** The same range on an axis that has changed; null if it means nothing there. */
export function carried([low, high]: Range, old: Axis, now: Axis): Range | null {
  const [from, to] = [old.scale, now.scale];
  if (from === null || to === null) {
    const labels = ({ ticks }: Axis): string => JSON.stringify(ticks.map(({ label }) => label));
    return from === to && labels(old) === labels(now) ? [low, high] : null;
  }
  const moved = (at: number): number => (at < 0 ? at : place(to, valueAt(from, at)));
  const range: Range = [moved(low), moved(high)];
  return range.every(Number.isFinite) ? range : null;
}

/** Whether a run is within all ranges; those of axes that are not shown do not count. */
export function isWithin(run: number, axes: readonly Axis[], ranges: ReadonlyMap<string, Range>): boolean {
  return axes.every(({ id, places }) => {
    const range = ranges.get(id);
    const at = places[run] ?? FOOT;
    return range === undefined || (at >= range[0] - NEAR && at <= range[1] + NEAR);
  });
}

/** Heights that are at least `least` apart, near those wanted; null for what has no room. */
export function spread(wanted: readonly number[], least: number, low: number, high: number): (number | null)[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const found: (number | null)[] = wanted.map(() => null);
  if ((order.length - 1) * least > high - low) {
    let last = -Infinity;
    for (const i of order) {
      const at = wanted[i] ?? 0;
      if (at >= last + least) {
        found[i] = last = at;
      }
    }
    return found;
  }
  let last = low - least;
  for (const i of order) {
    found[i] = last = Math.max(wanted[i] ?? 0, last + least);
  }
  let next = high + least;
  for (const i of order.reverse()) {
    found[i] = next = Math.min(found[i] ?? high, next - least);
  }
  return found;
}

/** Keys whose value is a number in at least one of the summaries. */
export function numericKeys(summaries: readonly Readonly<Record<string, unknown>>[]): string[] {
  const numbers = summaries.flatMap(summary => Object.entries(summary).filter(([, value]) => typeof value === 'number'));
  return [...new Set(numbers.map(([key]) => key))];
}

/** Words in the names of metrics that people ask for first. */
const TELLING = ['loss', 'acc', 'score', 'reward', 'f1', 'auc', 'error', 'perplexity', 'metric'];

/** The key that is shown until another one is chosen: one with a goal, or a telling one. */
export function mostTelling(keys: readonly string[], metrics: readonly Pick<MetricInfo, 'name' | 'goal'>[]): string | null {
  const aimed = metrics.flatMap(({ name, goal }) =>
    goal === null ? [] : [`${name}.best`, `${name}.${goal === 'maximize' ? 'max' : 'min'}`, name]
  );
  const byGoal = aimed.find(key => keys.includes(key));
  const rankOf = (key: string): number => {
    const at = TELLING.findIndex(word => key.toLowerCase().includes(word));
    return (at < 0 ? TELLING.length : at) + (key.startsWith('_') ? 2 * TELLING.length : 0);
  };
  return byGoal ?? [...keys].sort((a, b) => rankOf(a) - rankOf(b))[0] ?? null;
}
