/** Which part of an axis is seen: zooming and panning as pure functions. */

import { place, type Scale, valueAt } from './scales.js';

/** From a number to a larger one. */
export type Range = readonly [number, number];

/** What is seen of an axis; null if all of it. */
export type View = Range | null;

export type Axis = 'x' | 'y';

/** What is seen of both axes. */
export type Views = Readonly<Record<Axis, View>>;

export const ALL: Views = { x: null, y: null };

const LEAST_SHARE = 1e-9;

/** Make the seen part larger (factor below 1: smaller) around a place between 0 and 1. */
export function zoomed(whole: Scale, seen: Scale, factor: number, around: number): View {
  return within(whole, seen, around - around * factor, around + (1 - around) * factor);
}

/** Move the seen part by a share of its width. */
export function panned(whole: Scale, seen: Scale, share: number): View {
  const left = place(seen, whole.min);
  const right = place(seen, whole.max);
  const by = Math.max(Math.min(share, right - 1), left);
  return within(whole, seen, by, 1 + by);
}

/** See what lies between two places of what is seen now. */
export function within(whole: Scale, seen: Scale, from: number, to: number): View {
  const min = Math.max(whole.min, valueAt(seen, from));
  const max = Math.min(whole.max, valueAt(seen, to));
  if (min <= whole.min && max >= whole.max) {
    return null;
  }
  const share = seen.isLog ? max / min - 1 : (max - min) / (whole.max - whole.min);
  return share > LEAST_SHARE && Number.isFinite(max - min) ? [min, max] : [seen.min, seen.max];
}

/** A scale that holds both. */
export function hull(one: Scale, other: Scale): Scale {
  return { min: Math.min(one.min, other.min), max: Math.max(one.max, other.max), isLog: one.isLog };
}

/** What a key does to a chart. */
export type Action =
  | { kind: 'zoom'; axis: Axis; factor: number }
  | { kind: 'pan'; axis: Axis; share: number }
  | { kind: 'cursor'; by: number }
  | { kind: 'mark'; by: number }
  | { kind: 'edge'; side: 'start' | 'end' }
  | { kind: 'reset' }
  | { kind: 'open' };

/** What a key does; null if it is not for the chart. */
export function actionOf(key: string, isShifted: boolean, isOther: boolean): Action | null {
  if (isOther) {
    return null;
  }
  const direction = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
  if (direction !== 0) {
    return isShifted ? { kind: 'pan', axis: 'x', share: 0.2 * direction } : { kind: 'cursor', by: direction };
  }
  switch (key) {
    case '+':
    case '=':
      return { kind: 'zoom', axis: 'x', factor: 0.5 };
    case '-':
    case '_':
      return { kind: 'zoom', axis: 'x', factor: 2 };
    case 'y':
    case 'Y':
      return { kind: 'zoom', axis: 'y', factor: isShifted ? 2 : 0.5 };
    case 'ArrowUp':
    case 'ArrowDown':
      // Without Shift they scroll the page.
      return isShifted ? { kind: 'pan', axis: 'y', share: key === 'ArrowUp' ? 0.2 : -0.2 } : null;
    case 'PageUp':
      return { kind: 'pan', axis: 'x', share: -0.8 };
    case 'PageDown':
      return { kind: 'pan', axis: 'x', share: 0.8 };
    case 'Home':
      return isShifted ? { kind: 'edge', side: 'start' } : { kind: 'reset' };
    case 'End':
      return { kind: 'edge', side: 'end' };
    case 'Escape':
      return { kind: 'reset' };
    case 'm':
    case 'M':
      return { kind: 'mark', by: isShifted ? -1 : 1 };
    case 'Enter':
      return { kind: 'open' };
    default:
      return null;
  }
}
