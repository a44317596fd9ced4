import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Bins, gridOf, sliceBins } from '../../src/charts/bins.js';
import type { Frame, Shape } from '../../src/charts/geometry.js';
import { nearest } from '../../src/charts/hover.js';
import { drawn, drawnAverage } from '../../src/charts/pen.js';
import { place, scaleFor, type Scale } from '../../src/charts/scales.js';
import { type Rows, rowsOf, series, widthFor } from './standin.js';

/** Numbers that look random, the same each time. */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A curve with spikes, NaN, infinities and rows without a value. */
function curve(n: number, seed: number): (number | undefined)[] {
  const random = noise(seed);
  return Array.from({ length: n }, (_, i) => {
    const chance = random();
    const odd = [NaN, Infinity, -Infinity, undefined][Math.floor(random() * 4)];
    return chance < 0.02 ? odd : chance < 0.03 ? 1000 * (random() - 0.5) : Math.sin(i / 50) + random();
  });
}

function binsOf(rows: Rows, width: number, ema?: number): Bins {
  const query = { metrics: ['loss'], x: '_step', bins: 1e9, width };
  return gridOf(series(rows, ema === undefined ? query : { ...query, ema }), 'loss').bins;
}

/** The lowest and highest place that is drawn in each pixel column. */
function raster({ lines, dots, bars }: Shape, width: number): Map<number, [number, number]> {
  const columns = new Map<number, [number, number]>();
  for (const line of [...lines, dots]) {
    for (let i = 0; i < line.length; i += 2) {
      put(columns, Math.floor(line[i]!), line[i + 1]!, width);
    }
  }
  for (let i = 0; i < bars.length; i += 3) {
    put(columns, Math.floor(bars[i]!), bars[i + 1]!, width);
    put(columns, Math.floor(bars[i]!), bars[i + 2]!, width);
  }
  return columns;
}

function put(columns: Map<number, [number, number]>, column: number, y: number, width: number): void {
  if (column >= 0 && column < width) {
    const [top, bottom] = columns.get(column) ?? [Infinity, -Infinity];
    columns.set(column, [Math.min(top, y), Math.max(bottom, y)]);
  }
}

/** The same from all rows, each in the column in which its bin begins. */
function bruteForce(rows: Rows, size: number, { x, y, width, height }: Frame): Map<number, [number, number]> {
  const columns = new Map<number, [number, number]>();
  rows.y.forEach((value, row) => {
    if (value !== undefined && Number.isFinite(value)) {
      const column = Math.floor(place(x, rows.x[Math.floor(row / size) * size]!) * width);
      put(columns, column, (1 - place(y, value)) * height, width);
    }
  });
  return columns;
}

const view = fc.record({
  n: fc.integer({ min: 1, max: 10_000 }),
  seed: fc.nat(),
  width: fc.integer({ min: 200, max: 2000 }),
  from: fc.double({ min: 0, max: 0.95, noNaN: true }),
  share: fc.double({ min: 0.001, max: 1, noNaN: true })
});

describe('geometry', () => {
  test('no spike is hidden: pixel columns equal brute force over all rows, at any width and zoom', () => {
    fc.assert(
      fc.property(view, ({ n, seed, width, from, share }) => {
        const rows = rowsOf(curve(n, seed));
        const x = scaleFor(from * n, Math.min(1, from + share) * n, false);
        const frame: Frame = { x, y: scaleFor(-1000, 1000, false), width, height: 300 };
        const size = widthFor(Math.ceil(x.max - x.min) + 1, 2 * width);
        const shape = drawn(binsOf(rows, size), frame);
        expect(shape.boxes).toEqual([]);
        expect(raster(shape, width)).toEqual(bruteForce(rows, size, frame));
      }),
      { numRuns: 40 }
    );
  });

  test('each number stands within a pixel of its place, and each odd one has a mark', () => {
    fc.assert(
      fc.property(view, ({ n, seed, width }) => {
        const rows = rowsOf(curve(n, seed));
        const frame: Frame = { x: scaleFor(0, n, false), y: scaleFor(-1000, 1000, false), width, height: 300 };
        const shape = drawn(binsOf(rows, widthFor(n, 2 * width)), frame);
        const columns = raster(shape, width);
        const odd = rows.y.filter(value => value !== undefined && !Number.isFinite(value)).length;
        expect(shape.marks.reduce((sum, mark) => sum + mark.count, 0)).toBe(odd);
        for (const [row, value] of rows.y.entries()) {
          if (value === undefined || !Number.isFinite(value)) continue;
          const column = Math.floor(place(frame.x, row) * width);
          const y = (1 - place(frame.y, value)) * 300;
          const isThere = [column - 1, column, column + 1].some(c => {
            const [top, bottom] = columns.get(c) ?? [1, 0];
            return top <= y && y <= bottom;
          });
          if (!isThere) expect.fail(`row ${row} is not drawn`);
        }
      }),
      { numRuns: 20 }
    );
  });

  test('appending rows moves nothing that is drawn outside of the last bin', () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 1, max: 500 }), ({ n, seed, width }, added) => {
        const all = curve(n + added, seed);
        const size = widthFor(n + added, 2 * width);
        const frame: Frame = { x: scaleFor(0, n + added, false), y: scaleFor(-1000, 1000, false), width, height: 300 };
        const before = raster(drawn(binsOf(rowsOf(all.slice(0, n)), size), frame), width);
        const after = raster(drawn(binsOf(rowsOf(all), size), frame), width);
        const last = Math.floor(place(frame.x, Math.floor((n - 1) / size) * size) * width);
        const left = (columns: typeof before): unknown => [...columns].filter(([column]) => column < last);
        expect(left(after)).toEqual(left(before));
      }),
      { numRuns: 40 }
    );
  });

  const plain = (y: readonly (number | undefined)[], more: Partial<Frame> = {}, size = 1): Shape =>
    drawn(binsOf(rowsOf(y), size), {
      x: scaleFor(0, 16, false), y: scaleFor(0, 16, false), width: 160, height: 160, ...more
    });

  test('a NaN breaks the line and is marked; points alone are dots', () => {
    const shape = plain([1, 2, NaN, 4, NaN, 6, 7]);
    expect(shape.lines).toEqual([[0, 150, 10, 140], [50, 100, 60, 90]]);
    expect(shape.dots).toEqual([30, 120]);
    expect(shape.marks).toEqual([{ kind: 'nan', x: 20.5, count: 1 }, { kind: 'nan', x: 40.5, count: 1 }]);
  });

  test('points are drawn on their line where they are few, not where they would run together', () => {
    const few = plain([1, 2, 3, 4], { width: 200 });
    expect(few.points).toEqual([0, 150, 12.5, 140, 25, 130, 37.5, 120]);
    expect(plain([1, 2, 3, 4]).points).toEqual([]);
    expect(plain([1, 2, 3, 4], { width: 200, ratio: 2 }).points).toEqual([]);
    expect(plain([1, NaN, 3, 4], { width: 200 })).toMatchObject({ dots: [0, 150], points: [25, 130, 37.5, 120] });
  });

  test('a noisy curve has no points but those alone between gaps', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 200, max: 2000 }), (seed, width) => {
        const x = scaleFor(0, 1000, false);
        const shape = drawn(binsOf(rowsOf(curve(1000, seed)), 1), { x, y: scaleFor(-1000, 1000, false), width, height: 300 });
        expect(shape.points).toEqual([]);
      }),
      { numRuns: 20 }
    );
  });

  test('rows without the metric are no gap', () => {
    expect(plain([1, undefined, undefined, 4]).lines).toEqual([[0, 150, 30, 120]]);
  });

  test('infinities are marked and hide no number of their bin', () => {
    const shape = plain([1, Infinity, 9, -Infinity], { x: scaleFor(0, 1000, false) }, 4);
    expect(shape.marks.map(({ kind, count }) => [kind, count])).toEqual([['+inf', 1], ['-inf', 1]]);
    expect(shape.bars).toEqual([0.5, 70, 150]);
  });

  test('numbers that a log axis cannot show are marked', () => {
    const y: Scale = { min: 1, max: 100, isLog: true };
    const shape = plain([1, 0, 10, -5, 100], { y });
    expect(shape.marks.map(({ kind }) => kind)).toEqual(['y<=0', 'y<=0']);
    expect(shape.dots).toEqual([0, 160, 20, 80, 40, 0]);
    const x: Scale = { min: 1, max: 100, isLog: true };
    expect(plain([1, 2], { x }).marks).toEqual([{ kind: 'x?', x: 0.5, count: 1 }]);
  });

  test('a bin that is wider than a pixel shows a box from its lowest to its highest number', () => {
    const shape = plain([5, 1, 9, 5, 5, 5, 5, 5], {}, 4);
    expect(shape.boxes).toEqual([0, 70, 30, 150, 40, 110, 70, 110]);
  });

  test('lines are cut outside of the plot, in the right places', () => {
    const far = plain([-1e9, 1e9], { x: scaleFor(0.4, 0.6, false), y: scaleFor(-1, 1, false) });
    for (const value of far.lines.flat()) {
      expect(Math.abs(value)).toBeLessThan(200);
    }
  });

  test('the average is drawn through all that has one', () => {
    const bins = binsOf(rowsOf([1, 1, NaN, 1]), 1, 0.5);
    const frame: Frame = { x: scaleFor(0, 10, false), y: scaleFor(0, 2, false), width: 100, height: 100 };
    expect(drawnAverage(bins, frame)).toMatchObject({ lines: [[0, 50, 10, 50]], dots: [30, 50] });
    expect(drawnAverage(sliceBins(bins, 0, 0), frame).lines).toEqual([]);
  });
});

test('a point is found on a log axis, whatever has no place there', () => {
  const part = { segment: 0, row: 0, bins: binsOf(rowsOf([5, 6, 7]), 1) };
  const frame = { x: scaleFor(1, 2, true), y: scaleFor(5, 7, false), width: 100, height: 50 };
  expect(nearest([[part]], frame, 98, 0)[0]?.i).toBe(2);
});
