/** Which part of x is seen: zooming and panning as pure functions. */

import { place, type Scale, valueAt } from './scales.js';

/** What is seen of x; null if all of it. */
export type View = readonly [number, number] | null;

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
  const least = (whole.max - whole.min) * LEAST_SHARE;
  return max - min > least && Number.isFinite(max - min) ? [min, max] : [seen.min, seen.max];
}

/** What a key does to a chart. */
export type Action =
  | { kind: 'zoom'; factor: number }
  | { kind: 'pan'; share: number }
  | { kind: 'cursor'; by: number }
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
    return isShifted ? { kind: 'pan', share: 0.2 * direction } : { kind: 'cursor', by: direction };
  }
  switch (key) {
    case '+':
    case '=':
      return { kind: 'zoom', factor: 0.5 };
    case '-':
    case '_':
      return { kind: 'zoom', factor: 2 };
    case 'PageUp':
      return { kind: 'pan', share: -0.8 };
    case 'PageDown':
      return { kind: 'pan', share: 0.8 };
    case 'Home':
      return { kind: 'edge', side: 'start' };
    case 'End':
      return { kind: 'edge', side: 'end' };
    case 'Escape':
      return { kind: 'reset' };
    case 'Enter':
      return { kind: 'open' };
    default:
      return null;
  }
}
