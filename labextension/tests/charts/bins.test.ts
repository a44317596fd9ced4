import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { atMost, at, type Bins, FIELDS, gridOf, type Grid, patched, widened, withTail } from '../../src/charts/bins.js';
import { type Rows, rowsOf, series } from './standin.js';

export const values = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
    fc.constantFrom(NaN, Infinity, -Infinity, undefined, 0)
  ),
  { minLength: 1, maxLength: 300 }
);
const power = fc.integer({ min: 0, max: 6 }).map(n => 2 ** n);

function grid(rows: Rows, width: number, more: { since?: number; rows?: [number, number] } = {}): Grid {
  return gridOf(series(rows, { metrics: ['loss'], x: '_step', bins: 1e6, width, ...more }), 'loss');
}

function plain(bins: Bins): Record<string, number[]> {
  return Object.fromEntries(FIELDS.map(field => [field, [...bins[field]].map(value => value + 0)]));
}

describe('bins', () => {
  test('bins of bins are bins', () => {
    fc.assert(
      fc.property(values, power, power, (y, width, factor) => {
        const wide = widened(grid(rowsOf(y), width), width * factor);
        expect(plain(wide.bins)).toEqual(plain(grid(rowsOf(y), width * factor).bins));
      })
    );
  });

  test('a tail that was put on equals fresh bins', () => {
    fc.assert(
      fc.property(values, values, power, power, (before, added, width, tailWidth) => {
        const y = [...before, ...added];
        const old = grid(rowsOf(before), width);
        const since = at(old.bins.row, old.bins.row.length - 1);
        const joined = withTail(old, grid(rowsOf(y), tailWidth, { since }));
        expect(joined).not.toBeNull();
        expect(joined?.rowsPerBin).toBe(Math.max(width, tailWidth));
        expect(plain(joined!.bins)).toEqual(plain(grid(rowsOf(y), joined!.rowsPerBin).bins));
      })
    );
  });

  test('appending changes no bin but the last one', () => {
    fc.assert(
      fc.property(values, values, power, (before, added, width) => {
        const old = plain(grid(rowsOf(before), width).bins);
        const now = plain(grid(rowsOf([...before, ...added]), width).bins);
        for (const field of FIELDS) {
          expect(now[field]?.slice(0, old[field]!.length - 1)).toEqual(old[field]?.slice(0, -1));
        }
      })
    );
  });

  test('a tail that does not meet the grid is refused', () => {
    const y = Array.from({ length: 64 }, (_, i) => i);
    expect(withTail(grid(rowsOf(y.slice(0, 8)), 1), grid(rowsOf(y), 1, { since: 20 }))).toBeNull();
  });

  test('bins become wider until there are few enough', () => {
    const narrow = grid(rowsOf(Array.from({ length: 1000 }, (_, i) => i)), 1);
    const few = atMost(narrow, 300);
    expect([few.rowsPerBin, few.bins.row.length]).toEqual([4, 250]);
  });

  test('finer bins take the place of those that hold their rows', () => {
    fc.assert(
      fc.property(values, fc.nat(300), fc.nat(300), (y, one, other) => {
        const coarse = grid(rowsOf(y), 8).bins;
        const from = Math.floor(Math.min(one, other, y.length - 1) / 8) * 8;
        const to = Math.min(y.length, Math.max(from + 8, Math.ceil(Math.max(one, other) / 8) * 8));
        const fine = grid(rowsOf(y), 1, { rows: [from, to] }).bins;
        const both = patched(coarse, fine);
        expect(both.count.reduce((a, b) => a + b, 0)).toBe(y.filter(v => v !== undefined).length);
        expect([...both.row]).toEqual([...new Set(both.row)].sort((a, b) => a - b));
        expect(both.size.filter(size => size === 1).length).toBe(to - from);
      })
    );
  });
});
