import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Chart } from '../../src/charts/chart.js';
import { blankBins, gridOf } from '../../src/charts/bins.js';
import { scaleFor } from '../../src/charts/scales.js';
import type { ChartOptions } from '../../src/charts/index.js';
import { type Scene, sceneTurns } from '../../src/charts/scene.js';
import { bySegment, madeIn, type Stretch, stretchAt } from '../../src/charts/segments.js';
import { markAt, markTurns, MAX_MARKS, type Turn, turnsOf } from '../../src/charts/turns.js';
import { drawn, live, mounted, overlaid, press, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf, series } from './standin.js';

withCharts();

const stretches: Stretch[] = [
  { row: 0, segment: 0, execution: 'e1' },
  { row: 10, segment: 0, execution: 'e2' },
  { row: 20, segment: 1, execution: 'e3' }
];
const values = Array.from({ length: 30 }, (_, i) => i % 10);

function turn(x: number, more: Partial<Turn> = {}): Turn {
  return { row: x, x, segment: 0, execution: `e${x}`, isSegment: false, ...more };
}

function marksOf(turns: readonly Turn[], width = 1000): ReturnType<typeof markTurns> {
  return markTurns([{ turns, turnColor: 'red' }], { x: scaleFor(0, 100, false), y: scaleFor(0, 1, false), width, height: 10 });
}

describe('turns', () => {
  test('one stands at each row with a value that another cell or segment made than the one before', () => {
    const given = fc.record({
      there: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      cells: fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { minLength: 60, maxLength: 60 })
    });
    fc.assert(
      fc.property(given, ({ there, cells }) => {
        let segment = 0;
        const told = cells.map(([cell, next], row) => ({ row, segment: (segment += Number(next && row % 7 === 0)), execution: `e${cell}` }));
        const bins = blankBins(there.length);
        there.forEach((is, row) => {
          bins.row[row] = bins.xFirst[row] = bins.xLast[row] = row;
          bins.size[row] = 1;
          bins.count[row] = Number(is);
        });
        const key = (row: number): string => JSON.stringify([stretchAt(told, row)!.segment, stretchAt(told, row)!.execution]);
        const logged = there.flatMap((is, row) => (is ? [row] : []));
        const expected = logged.filter((row, i) => i > 0 && key(row) !== key(logged[i - 1]!));
        expect(turnsOf(bySegment(bins, told).parts, told).map(({ row, x }) => [row, x])).toEqual(expected.map(row => [row, row]));
      })
    );
  });

  test('a cell is named only if it logged the metric in the bin', () => {
    const given = fc.record({
      there: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      cells: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      size: fc.constantFrom(2, 4, 8)
    });
    fc.assert(
      fc.property(given, ({ there, cells, size }) => {
        let cell = 0;
        const told = cells.flatMap((isNext, row) =>
          isNext || row === 0 ? [{ row, segment: 0, execution: `e${(cell += 1)}` }] : []);
        const { bins } = gridOf(series(rowsOf(there.map(is => (is ? 1 : undefined))), { metrics: ['loss'], x: '_step', bins: 99, width: size }), 'loss');
        const makers = (row: number): (string | null)[] =>
          there.slice(row, row + size).flatMap((is, i) => (is ? [stretchAt(told, row + i)!.execution] : []));
        for (const { row, execution } of turnsOf(bySegment(bins, told).parts, told, there.length)) {
          const made = makers(row - (row % size));
          expect(execution === null || made.at(-1) === execution).toBe(true);
        }
        bins.row.forEach((row, i) => {
          const { first, last, isSure } = madeIn(bins, i, told, there.length);
          const made = makers(row);
          expect(!isSure || made.length === 0 || (made[0] === first?.execution && made.at(-1) === last?.execution)).toBe(true);
          expect(isSure || made.length < Math.min(size, there.length - row)).toBe(true);
        });
      })
    );
  });

  test('a bin that lacks rows and that two cells touch names none of them', () => {
    const two = [{ row: 0, segment: 0, execution: 'A' }, { row: 12, segment: 0, execution: 'B' }];
    const of = (values: (number | undefined)[]): unknown =>
      turnsOf(bySegment(gridOf(series(rowsOf(values), { metrics: ['loss'], x: '_step', bins: 99, width: 8 }), 'loss').bins, two).parts, two, values.length)
        .map(({ row, execution }) => [row, execution]);
    const full = Array.from({ length: 8 }, () => 1);
    expect(of([...full, 1, 1, ...Array.from({ length: 6 }, () => undefined)])).toEqual([[12, null]]);
    expect(of([...full, ...full])).toEqual([[12, 'B']]);
    // The last bin has room for more rows than there are.
    expect(of([...full, 1, 1, 1, 1, 1])).toEqual([[12, 'B']]);
  });

  test('those in view are marked, near ones together, and the last of them is told', () => {
    const { marks, n } = marksOf([turn(-1), turn(10), turn(10.2, { isSegment: true }), turn(50), turn(101)]);
    expect(marks.map(({ left, execution, n: of, isSegment }) => [left, execution, of, isSegment])).toEqual([
      [100, 'e10.2', 2, true], [500, 'e50', 1, false]
    ]);
    expect([n, markAt(marks, 104)?.left, markAt(marks, 106)]).toEqual([3, 100, null]);
  });

  test('of too many, segments alone are marked, or nothing', () => {
    const turns = Array.from({ length: 100 }, (_, i) => turn(i, { isSegment: i % 20 === 3 }));
    expect(marksOf(turns).marks.map(({ x }) => x)).toEqual([3, 23, 43, 63, 83]);
    expect(marksOf(turns.map(one => ({ ...one, isSegment: true })))).toEqual({ marks: [], n: 100 });
  });

  test('marks are few and apart, wherever turns are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.boolean()), { maxLength: 300 }), all => {
        const { marks, n } = marksOf(all.map(([x, isSegment]) => turn(x, { isSegment })));
        expect(n).toBe(all.length);
        expect(marks.length).toBeLessThanOrEqual(MAX_MARKS);
        marks.slice(1).forEach((mark, i) => expect(mark.left - marks[i]!.left).toBeGreaterThanOrEqual(8));
      })
    );
  });
});

describe('marks', () => {
  test('are placed once for a scene and a width', () => {
    const turns = Array.from({ length: 2000 }, (_, i) => turn(i / 20));
    let n = 0;
    const counted = turns.map(one => Object.defineProperty({ ...one }, 'x', { enumerable: true, get: () => ((n += 1), one.x) }));
    const lines = [{ turns: counted, turnColor: 'red' }];
    const scene = { lines, x: scaleFor(0, 100, false), y: scaleFor(0, 1, false) } as unknown as Scene;
    const first = sceneTurns(scene, 100, 50);
    const reads = n;
    expect(sceneTurns(scene, 100, 50)).toBe(first);
    expect([n, first.n]).toEqual([reads, 2000]);
    expect(sceneTurns(scene, 200, 50)).not.toBe(first);
  });

  test('stand for all turns of all lines that are near, whatever their order', () => {
    const place = fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(fc.array(place, { maxLength: 40 }), { maxLength: 4 }), lines => {
        const turning = lines.map(all => ({ turns: all.map(([x, isSegment]) => turn(x, { isSegment })), turnColor: 'red' }));
        const frame = { x: scaleFor(0, 100, false), y: scaleFor(0, 1, false), width: 150, height: 10 };
        const { marks, n } = markTurns(turning, frame);
        const all = lines.flat().map(([x]) => x).sort((a, b) => a - b);
        expect([n, marks.reduce((sum, mark) => sum + mark.n, 0)]).toEqual([all.length, all.length]);
        let from = 0;
        for (const mark of marks) {
          const of = all.slice(from, from + mark.n);
          expect([mark.left, mark.x]).toEqual([(of[0]! / 100) * 150, of.at(-1)]);
          from += mark.n;
        }
      })
    );
  });
});

describe('the marks of a chart', () => {
  test('are told in words and drawn in SVG; row 0 has none', async () => {
    const { chart } = mounted(rowsOf(values, { stretches }));
    await drawn();
    expect(chart.summary()).toContain('Marked is where another cell or segment goes on: step 10, step 20.');
    expect(chart.exportSvg().match(/stroke-opacity/g)).toHaveLength(2);
    const { chart: plain } = mounted(rowsOf(values));
    await drawn();
    expect([plain.summary().includes('Marked'), plain.exportSvg().includes('stroke-opacity')]).toEqual([false, false]);
  });

  test('too many are said, not drawn', async () => {
    const each = values.map((_, row) => ({ row, segment: 0, execution: `e${row}` }));
    const { chart } = mounted(rowsOf(values, { stretches: each }));
    await drawn();
    expect(chart.summary()).toContain('29 changes of cell not marked.');
    expect(chart.element.querySelector('.nbt-chart-note')!.textContent).toBe('29 changes of cell not marked');
  });

  test('keys go from one to the next, and it is said which cell ran from there', async () => {
    const { chart } = mounted(rowsOf(values, { stretches }), { nameCell: execution => Promise.resolve(`cell [${execution}]`) });
    await drawn();
    const said = (): string[] => [...chart.element.querySelectorAll('[role=tooltip] > small')].map(one => one.textContent!);
    press(chart, 'm');
    expect(said()).toEqual(['another cell ran from here']);
    await drawn();
    expect(said()).toEqual(['cell [e2] ran from here']);
    expect(chart.element.querySelector('.nbt-chart-quiet:not(p)')!.textContent).toContain('cell [e2] ran from here');
    press(chart, 'm');
    await drawn();
    expect(said()).toEqual(['cell [e3] ran from here · segment 1 begins here']);
    press(chart, 'M', { shiftKey: true });
    await drawn();
    expect(said()).toEqual(['cell [e2] ran from here']);
  });

  test('a click on one leads to its cell, also from the point of the cell before', async () => {
    const opened: string[] = [];
    const feed = new MemoryFeed(rowsOf(values, { stretches }));
    const options = { onCell: (execution: string) => opened.push(execution) };
    const chart = new Chart(document.body, [{ label: 'run', feed, metric: 'loss' }], options);
    live.push(chart);
    await drawn();
    const width = Number(/clipPath id="[^"]*"><rect width="([\d.]+)"/.exec(chart.exportSvg())![1]);
    const at = (step: number, off: number): void => chart.moved({ x: (step / 29) * width + off, y: 20 });
    at(10, -4);
    chart.clicked();
    at(10, -14);
    chart.clicked();
    at(20, 3);
    expect(chart.element.querySelector('.nbt-chart-on-mark')).not.toBeNull();
    chart.clicked();
    expect(opened).toEqual(['e2', 'e1', 'e3']);
    chart.moved(null);
    expect(chart.element.querySelector('.nbt-chart-on-mark')).toBeNull();
  });

  test('neither they nor points lead to a cell that never logged the metric, nor name it', async () => {
    const [opened, named] = [new Set<string>(), new Set<string>()];
    const told = [{ row: 0, execution: 'A' }, { row: 10_012, execution: 'B' }, { row: 15_000, execution: 'C' }];
    const y = Array.from({ length: 20_000 }, (_, row) => (row % 8 === 0 && (row < 10_012 || row >= 15_000) ? row % 7 : undefined));
    const feed = new MemoryFeed(rowsOf(y, { stretches: told.map(one => ({ ...one, segment: 0 })) }));
    const options = { onCell: (one: string) => opened.add(one), nameCell: (one: string) => (named.add(one), one) };
    const chart = new Chart(document.body, [{ label: 'run', feed, metric: 'loss' }], options);
    live.push(chart);
    await drawn();
    const width = Number(/clipPath id="[^"]*"><rect width="([\d.]+)"/.exec(chart.exportSvg())![1]);
    for (let x = 0; x < width; x += 1) {
      chart.moved({ x, y: 20 });
      chart.clicked();
      if (Math.abs(x / width - 0.5) < 0.02) {
        await drawn();
      }
    }
    expect([[...opened], [...named]]).toEqual([['A', 'C'], ['A']]);
  });

  test('are no links where they lead nowhere', async () => {
    const isLink = async (options: ChartOptions, y: readonly (number | undefined)[], told = stretches): Promise<boolean> => {
      const feed = new MemoryFeed(rowsOf(y, { stretches: told }));
      const chart = new Chart(document.body, [{ label: 'run', feed, metric: 'loss' }], options);
      live.push(chart);
      await drawn();
      const width = Number(/clipPath id="[^"]*"><rect width="([\d.]+)"/.exec(chart.exportSvg())![1]);
      chart.moved({ x: (10 / (y.length - 1)) * width, y: 20 });
      return chart.element.querySelector('.nbt-chart-on-mark') !== null;
    };
    expect(await isLink({ onCell: () => undefined }, values)).toBe(true);
    expect(await isLink({}, values)).toBe(false);
    const nameless = stretches.map(one => ({ ...one, execution: one.row === 10 ? null : one.execution }));
    expect(await isLink({ onCell: () => undefined }, values, nameless)).toBe(false);
  });

  test('over several runs it is said whose they are', async () => {
    const one = { label: 'a', feed: new MemoryFeed(rowsOf(values, { stretches: stretches.slice(0, 2) })), metric: 'loss' };
    const chart = overlaid([one, { ...one, label: 'b', feed: new MemoryFeed(rowsOf(values)) }]);
    await drawn();
    expect(chart.summary()).toContain('Marked is where another cell goes on: step 10 (a).');
  });
});
