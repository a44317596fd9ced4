import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Bins, gridOf } from '../../src/charts/bins.js';
import { dataRows } from '../../src/charts/csv.js';
import { outsideOf, outsideWords } from '../../src/charts/facts.js';
import type { Frame } from '../../src/charts/geometry.js';
import { drawn, drawnAverage } from '../../src/charts/pen.js';
import { signOf } from '../../src/charts/picture.js';
import { scaleFor } from '../../src/charts/scales.js';
import { rowsOf, series } from './standin.js';

function binsOf(y: readonly number[], width: number, ema?: number): Bins {
  const query = { metrics: ['loss'], x: '_step', bins: 1e9, width };
  return gridOf(series(rowsOf(y), ema === undefined ? query : { ...query, ema }), 'loss').bins;
}

const part = (bins: Bins): { segment: number; row: number; bins: Bins } => ({ segment: 0, row: 0, bins });
const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 200 });
const width = fc.constantFrom(1, 2, 4, 16);

describe('what a zoom of y leaves outside', () => {
  test('is marked in its pixel column, whatever the width of bins', () => {
    fc.assert(
      fc.property(values, width, (y, size) => {
        const frame: Frame = { x: scaleFor(0, y.length, false), y: scaleFor(-5, 5, false), width: 400, height: 100 };
        const marks = drawn(binsOf(y, size), frame).marks;
        for (const [kind, isOut] of [['above', (v: number) => v > 5], ['below', (v: number) => v < -5]] as const) {
          const bins = new Set(y.flatMap((value, row) => (isOut(value) ? [Math.floor(row / size)] : [])));
          const columns = marks.filter(mark => mark.kind === kind);
          expect(columns.length > 0).toBe(bins.size > 0);
          expect(columns.reduce((sum, mark) => sum + mark.count, 0)).toBeGreaterThanOrEqual(bins.size);
          expect(columns.every(mark => mark.x >= 0 && mark.x <= 400)).toBe(true);
        }
      })
    );
  });

  test('is counted: exactly if all rows are known, else at least', () => {
    fc.assert(
      fc.property(values, width, (y, size) => {
        const found = outsideOf([part(binsOf(y, size))], scaleFor(0, 200, false), scaleFor(-5, 5, false));
        const above = y.filter(value => value > 5).length;
        const below = y.filter(value => value < -5).length;
        expect(found.above.n).toBeLessThanOrEqual(above);
        expect(found.above.isAll ? found.above.n : above).toBe(above);
        expect(found.below.isAll ? found.below.n : below).toBe(below);
        expect([found.above.n > 0, found.below.n > 0]).toEqual([above > 0, below > 0]);
        expect(size > 2 || (found.above.isAll && found.below.isAll)).toBe(true);
      })
    );
  });

  test('is told in words', () => {
    const told = (above: [number, boolean], below: [number, boolean]): string[] =>
      outsideWords({ above: { n: above[0], isAll: above[1] }, below: { n: below[0], isAll: below[1] } }, text => text);
    expect(told([1, true], [2000, false])).toEqual(['1 point above', '≥ 2,000 points below']);
    expect(told([0, true], [0, true])).toEqual([]);
  });

  test('beside the seen part of x there is nothing to tell', () => {
    const bins = binsOf([99, 1, 2, 1, -99], 1);
    const x = scaleFor(0.5, 3.5, false);
    const y = scaleFor(0, 3, false);
    expect(outsideOf([part(bins)], x, y)).toEqual({ above: { n: 0, isAll: true }, below: { n: 0, isAll: true } });
    expect(drawn(bins, { x, y, width: 300, height: 100 }).marks).toEqual([]);
  });

  test('an average out of sight is marked too', () => {
    const frame: Frame = { x: scaleFor(0, 4, false), y: scaleFor(0, 1, false), width: 40, height: 100 };
    const marks = drawnAverage(binsOf([100, 1, 1, 1], 1, 0.9), frame).marks;
    expect(marks.map(({ kind, x }) => `${kind} ${x}`)).toEqual(['above 0.5', 'above 10.5', 'above 20.5', 'above 30.5']);
  });

  test('on a log axis numbers without a place keep their own marks', () => {
    const frame: Frame = { x: scaleFor(0, 4, false), y: scaleFor(1, 10, true), width: 40, height: 100 };
    const marks = drawn(binsOf([-1, 0.5, 5, 50], 1), frame).marks;
    expect(marks.map(({ kind }) => kind)).toEqual(['y<=0', 'below', 'above']);
  });

  test('the marks stand at the edge beyond which it lies', () => {
    const ys = (kind: string): number[] => signOf(kind, 50, 100, 3.5).flatMap(line => line.filter((_, i) => i % 2 === 1));
    expect(Math.max(...ys('above'))).toBeLessThan(10);
    expect(Math.min(...ys('below'))).toBeGreaterThan(90);
  });

  test('the data to save are those that are seen, and marks of what is no number', () => {
    const bins = binsOf([1, 50, NaN, -50, 3], 1);
    const look = { color: '', turnColor: '', dash: [], goal: null, hasAverage: false, isHidden: false };
    const lines = [{ label: 'run', parts: [part(bins)], turns: [], nLeftOut: 0, ...look }];
    const firsts = (isYChosen: boolean): number[] =>
      [...dataRows({ lines, x: scaleFor(0, 4, false), y: scaleFor(0, 4, false), isYChosen })].map(row => row[2] as number);
    expect(firsts(true)).toEqual([0, 2, 4]);
    expect(firsts(false)).toEqual([0, 1, 2, 3, 4]);
  });
});
