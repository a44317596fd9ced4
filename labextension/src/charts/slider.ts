/** The slider of smoothing: finer near 1, where it matters. */
import { MAX_EMA } from './choices.js';

const REACH = 0.001;

/** The weight of the moving average at a place of the slider, from 0 to 1. */
export function weightOf(place: number): number {
  return place <= 0 ? 0 : Math.min(MAX_EMA, Number((1 - REACH ** place).toFixed(4)));
}

/** A weight as it is read. */
export function weightText(weight: number): string {
  return String(Number(weight.toFixed(4)));
}

/** Where the slider stands for a weight: the inverse of `weightOf`. */
export function placeOf(weight: number): number {
  return weight <= 0 ? 0 : Math.log(1 - weight) / Math.log(REACH);
}
