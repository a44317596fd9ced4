import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Bins, blankBins, FIELDS } from '../../src/charts/bins.js';
import {
  bySegment, isStraddling, MAX_SEGMENTS, MAX_STRETCHES, segmentRanges, type Stretch, stretchAt, withStretches
} from '../../src/charts/segments.js';
import { Source } from '../../src/charts/source.js';
import { turnsOf } from '../../src/charts/turns.js';
import { button, drawn, mounted, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf } from './standin.js';

withCharts();

/** So many segments, each of so many rows. */
function many(n: number, size = 1): Stretch[] {
  return Array.from({ length: n }, (_, i) => ({ row: i * size, segment: i, execution: `e${i}` }));
}

function binsOf(n: number, size: number): Bins {
  const bins = blankBins(n);
  FIELDS.forEach(field => bins[field].fill(field === 'size' ? size : 1));
  bins.row.forEach((_, i) => (bins.row[i] = i * size));
  return bins;
}

describe('very many segments', () => {
  test('cut no more than the bins, and only the newest are parts', () => {
    let nCuts = 0;
    const bins = binsOf(4096, 64);
    for (const field of FIELDS) {
      const of = bins[field];
      const { subarray } = of;
      of.subarray = (...args) => {
        nCuts += 1;
        return subarray.apply(of, args) as never;
      };
    }
    const { parts, nLeftOut } = bySegment(bins, many(200_000));
    expect(parts).toHaveLength(MAX_SEGMENTS);
    expect(nLeftOut).toBe(Math.ceil(200_000 / 64) - MAX_SEGMENTS);
    expect(nCuts).toBe(FIELDS.length * MAX_SEGMENTS);
    expect(turnsOf(parts, many(200_000)).length).toBeLessThanOrEqual(4096);
  });

  test('the newest stretches of an answer are kept, however many it tells of', () => {
    const known = withStretches(many(200_000), many(10));
    expect(known).toHaveLength(MAX_STRETCHES);
    expect(stretchAt(known, 199_999)?.segment).toBe(199_999);
    expect(stretchAt(known, 0)).toBeNull();
  });

  test('a chart draws the newest, and says so on the screen and in words', async () => {
    const values = Array.from({ length: 2000 }, (_, i) => i % 7);
    const { chart } = mounted(rowsOf(values, { stretches: many(1000, 2) }));
    await drawn();
    const n = 1000 - MAX_SEGMENTS;
    expect(chart.summary()).toContain(`255 earlier segments drawn faint, ${n} older segments not drawn.`);
    expect(chart.element.querySelector('.nbt-chart-note')!.textContent).toContain(`${n} older segments not drawn`);
    expect(button(chart, 'Table')).toBeDefined();
  });

  test('their averages begin anew with each segment, drawn or not', async () => {
    const feed = new MemoryFeed(rowsOf(Array.from({ length: 900 }, (_, i) => i), { stretches: many(300, 3) }));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask({ x: '_step', ema: 0, bins: 1024 });
    await source.ask({ x: '_step', ema: 0.9, bins: 1024 });
    const { bins, row } = source.parts[0]!;
    expect([source.parts.length, row]).toEqual([MAX_SEGMENTS, 3 * (300 - MAX_SEGMENTS)]);
    expect([bins.ema[0], bins.ema.length]).toEqual([bins.first[0], 3]);
  });
});

const rows = fc.uniqueArray(fc.nat(120), { maxLength: 40 }).map(all => all.sort((a, b) => a - b));

test('the ranges of segments cover all bins, one after another', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(1, 2, 8), (starts, size) => {
      const ranges = segmentRanges(binsOf(Math.ceil(100 / size), size), starts.map((row, segment) => ({ row, segment, execution: null })));
      expect(ranges[0]?.from).toBe(0);
      ranges.forEach(({ from, to }, i) => expect([to > from, to]).toEqual([true, ranges[i + 1]?.from ?? Math.ceil(100 / size)]));
    })
  );
});

test('a bin is straddled if a segment begins in it, not at its first row', () => {
  fc.assert(
    fc.property(rows, fc.nat(24), (starts, i) => {
      const is = isStraddling(binsOf(25, 4), i, starts.map(row => ({ row })));
      expect(is).toBe(starts.some(row => row > 4 * i && row < 4 * i + 4));
    })
  );
});
