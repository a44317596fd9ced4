/** What a line is in numbers and in words: its range, its best value, its trend. */

import { at, nFinite } from './bins.js';
import { formatCount, formatNumber } from './format.js';
import { inView } from './geometry.js';
import type { Scale } from './scales.js';
import type { SegmentBins } from './segments.js';

/** What the bins of a line hold together. */
export interface Facts {
  /** Finite numbers. */
  n: number;
  nNan: number;
  nInf: number;
  first: number;
  last: number;
  min: number;
  max: number;
}

/** A value and where it stands. */
export interface Best {
  value: number;
  x: number;
  row: number;
}

/** Two numbers, or NaN twice if there is none. */
export type Range = [number, number];

/** Put the bins of some segments together. */
export function factsOf(parts: readonly SegmentBins[]): Facts {
  const facts: Facts = { n: 0, nNan: 0, nInf: 0, first: NaN, last: NaN, min: NaN, max: NaN };
  for (const { bins } of parts) {
    for (let i = 0; i < bins.row.length; i += 1) {
      const n = nFinite(bins, i);
      facts.nNan += at(bins.nNan, i);
      facts.nInf += at(bins.nPosInf, i) + at(bins.nNegInf, i);
      if (n > 0) {
        facts.n += n;
        facts.first = Number.isNaN(facts.first) ? at(bins.first, i) : facts.first;
        facts.last = at(bins.last, i);
        facts.min = least(facts.min, at(bins.min, i));
        facts.max = most(facts.max, at(bins.max, i));
      }
    }
  }
  return facts;
}

function least(one: number, other: number): number {
  return one <= other ? one : Number.isNaN(other) ? one : other;
}

function most(one: number, other: number): number {
  return one >= other ? one : Number.isNaN(other) ? one : other;
}

/** The lowest and highest x; on a log axis of the positive ones. */
export function xRange(parts: readonly SegmentBins[], isLog: boolean): Range {
  let range: Range = [NaN, NaN];
  for (const { bins } of parts) {
    for (const values of [bins.xFirst, bins.xLast]) {
      for (const value of values) {
        if (Number.isFinite(value) && (!isLog || value > 0)) {
          range = [least(range[0], value), most(range[1], value)];
        }
      }
    }
  }
  return range;
}

/** The lowest and highest number in view, averages included. */
export function yRange(parts: readonly SegmentBins[], x: Scale, isLog: boolean): Range {
  let [min, max]: Range = [NaN, NaN];
  for (const { bins } of parts) {
    const { from, to } = inView(bins, x);
    for (let i = from; i < to; i += 1) {
      if (at(bins.xLast, i) < x.min || at(bins.xFirst, i) > x.max) {
        continue;
      }
      for (const value of [at(bins.min, i), at(bins.max, i), at(bins.first, i), at(bins.last, i), at(bins.ema, i)]) {
        if (Number.isFinite(value) && (!isLog || value > 0)) {
          min = least(min, value);
          max = most(max, value);
        }
      }
    }
  }
  return [min, max];
}

/** The best value for a goal, and where it stands; null if there is none. */
export function bestOf(parts: readonly SegmentBins[], goal: string | null | undefined): Best | null {
  const isMax = goal?.startsWith('max') ?? false;
  if (!isMax && !goal?.startsWith('min')) {
    return null;
  }
  let best: Best | null = null;
  for (const { bins } of parts) {
    const values = isMax ? bins.max : bins.min;
    for (let i = 0; i < values.length; i += 1) {
      const value = at(values, i);
      const isBetter = best === null || (isMax ? value > best.value : value < best.value);
      if (nFinite(bins, i) > 0 && isBetter) {
        best = { value, x: at(bins.xFirst, i), row: at(bins.row, i) };
      }
    }
  }
  return best;
}

/** How many points are drawn of how many in view: null if all are. */
export function shownOf(parts: readonly SegmentBins[], x: Scale): [number, number] | null {
  let shown = 0;
  let all = 0;
  for (const { bins } of parts) {
    const { from, to } = inView(bins, x);
    for (let i = from; i < to; i += 1) {
      const count = at(bins.count, i);
      all += count;
      // A bin shows its first, last, lowest and highest number.
      shown += at(bins.size, i) === 1 ? count : Math.min(count, 4);
    }
  }
  return shown < all ? [shown, all] : null;
}

/** How many numbers lie beyond an end of y, at least; all of them if `isAll`. */
export interface Beyond {
  n: number;
  isAll: boolean;
}

/** How many numbers of the seen part of x lie above and below the seen part of y. */
export function outsideOf(parts: readonly SegmentBins[], x: Scale, y: Scale): { above: Beyond; below: Beyond } {
  const above: Beyond = { n: 0, isAll: true };
  const below: Beyond = { n: 0, isAll: true };
  for (const { bins } of parts) {
    const { from, to } = inView(bins, x);
    for (let i = from; i < to; i += 1) {
      const isSeen = at(bins.xLast, i) >= x.min && at(bins.xFirst, i) <= x.max;
      const n = isSeen ? nFinite(bins, i) : 0;
      const low = at(bins.min, i);
      const high = at(bins.max, i);
      // What a log axis cannot show has marks of its own.
      if (n > 0 && !(y.isLog && high <= 0)) {
        count(above, n, high > y.max, low > y.max);
        const isPlaced = !(y.isLog && low <= 0);
        count(below, n, high < y.min || (isPlaced && low < y.min), isPlaced && high < y.min);
      }
    }
  }
  return { above, below };
}

/** A bin of more than two numbers tells only whether some or all are beyond. */
function count(beyond: Beyond, n: number, areSome: boolean, areAll: boolean): void {
  beyond.n += areAll ? n : areSome ? 1 : 0;
  beyond.isAll &&= areAll || !areSome || n <= 2;
}

/** Say how many numbers are outside; nothing if there are none. */
export function outsideWords(
  { above, below }: ReturnType<typeof outsideOf>, text: (text: string) => string
): string[] {
  const said = ({ n, isAll }: Beyond, one: string, many: string): string[] =>
    n === 0 ? [] : [`${isAll ? '' : '≥ '}${formatCount(n)} ${n === 1 ? one : many}`];
  return [
    ...said(above, text('point above'), text('points above')),
    ...said(below, text('point below'), text('points below'))
  ];
}

/**
 * Say in words what a line does. `text` gives texts in the user's language; `nLeftOut` segments are
 * not among the parts.
 */
export function inWords(
  label: string, parts: readonly SegmentBins[], goal: string | null, text: (text: string) => string, nLeftOut = 0
): string {
  const newest = factsOf(parts.slice(-1));
  const { n, nNan, nInf, first, last, min, max } = newest;
  if (n === 0) {
    const none = nNan + nInf > 0 ? text('no finite points') : text('no points yet');
    return `${label}: ${[none, ...oddWords(newest, text)].join(', ')}.`;
  }
  const words: string[] = [
    trend(newest, text),
    `${text('first')} ${formatNumber(first)}`,
    `${text('last')} ${formatNumber(last)}`,
    `${text('lowest')} ${formatNumber(min)}`,
    `${text('highest')} ${formatNumber(max)}`,
    `${formatCount(n)} ${n === 1 ? text('point') : text('points')}`,
    ...oddWords(newest, text)
  ];
  const best = bestOf(parts, goal);
  if (best !== null) {
    words.push(`${text('best')} ${formatNumber(best.value)}`);
  }
  if (parts.length > 1) {
    words.push(`${formatCount(parts.length - 1)} ${parts.length === 2 ? text('earlier segment drawn faint') : text('earlier segments drawn faint')}`);
  }
  if (nLeftOut > 0) {
    words.push(`${formatCount(nLeftOut)} ${text('older segments not drawn')}`);
  }
  return `${label}: ${words.join(', ')}.`;
}

function oddWords({ nNan, nInf }: Facts, text: (text: string) => string): string[] {
  return [
    ...(nNan > 0 ? [`${formatCount(nNan)} ${text('NaN')}`] : []),
    ...(nInf > 0 ? [`${formatCount(nInf)} ${text('infinite')}`] : [])
  ];
}

function trend({ n, first, last, min, max }: Facts, text: (text: string) => string): string {
  if (n === 1) {
    return text('a single value');
  }
  const change = (last / 2 - first / 2) / (max / 2 - min / 2);
  if (!(Math.abs(change) > 0.05)) {
    return min === max ? text('constant') : text('no clear trend');
  }
  return change > 0 ? text('rising') : text('falling');
}
