/** Data of a chart as CSV that no spreadsheet takes for formulas. */

import { at, type Bins, nFinite } from './bins.js';
import { inView } from './geometry.js';
import type { Line } from './picture.js';
import type { Scale } from './scales.js';

/** The columns of the data of a chart. */
export const COLUMNS = [
  'series', 'segment', 'x first', 'x last', 'first', 'min', 'max', 'last',
  'points', 'NaN', '+inf', '-inf', 'average'
] as const;

/** One row: texts for the first column, numbers for the others. */
export type DataRow = readonly [string, ...number[]];

/** What is seen: the lines, the part of x, and the part of y if one was chosen. */
export interface Seen {
  lines: readonly Line[];
  x: Scale;
  y: Scale;
  isYChosen: boolean;
}

/** The bins in view, one row each; without bins that hold nothing. */
export function* dataRows({ lines, x, y, isYChosen }: Seen): Generator<DataRow> {
  for (const { label, parts } of lines) {
    for (const { segment, bins } of parts) {
      const { from, to } = inView(bins, x);
      for (let i = from; i < to; i += 1) {
        if (at(bins.count, i) > 0 && (!isYChosen || isWithin(bins, i, y))) {
          yield [label, segment, ...numbers(bins, i)];
        }
      }
    }
  }
}

/** Whether something of a bin is seen: a number, its average, or the mark of what is no number. */
function isWithin(bins: Bins, i: number, { min, max }: Scale): boolean {
  const isOdd = at(bins.count, i) > nFinite(bins, i);
  const average = at(bins.ema, i);
  return isOdd || (at(bins.min, i) <= max && at(bins.max, i) >= min) || (average >= min && average <= max);
}

function numbers(bins: Bins, i: number): number[] {
  const { xFirst, xLast, first, min, max, last, count, nNan, nPosInf, nNegInf, ema } = bins;
  return [xFirst, xLast, first, min, max, last, count, nNan, nPosInf, nNegInf, ema].map(v => at(v, i));
}

/** Write the data in view. A number that is not there is an empty cell. */
export function csvOf(seen: Seen): string {
  const rows = [COLUMNS.map(name => csvCell(name)).join(',')];
  for (const [label, ...values] of dataRows(seen)) {
    rows.push([csvCell(label), ...values.map(value => (Number.isNaN(value) ? '' : String(value)))].join(','));
  }
  return `${rows.join('\r\n')}\r\n`;
}

/**
 * Write a text as a cell. One that a spreadsheet would take for a formula gets an apostrophe in
 * front; all others stay as they are.
 *
 * Source: OWASP, "CSV Injection".
 */
export function csvCell(text: string): string {
  const safe = /^[\s\0]*[=+\-@\t\r\n|%＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n\t';]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
