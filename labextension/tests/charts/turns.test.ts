import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Chart } from '../../src/charts/chart.js';
import { blankBins } from '../../src/charts/bins.js';
import { scaleFor } from '../../src/charts/scales.js';
import { bySegment, type Stretch, stretchAt } from '../../src/charts/segments.js';
import { markAt, markTurns, MAX_MARKS, type Turn, turnsOf } from '../../src/charts/turns.js';
import { drawn, live, mounted, overlaid, press, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf } from './standin.js';

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

  test('over several runs it is said whose they are', async () => {
    const one = { label: 'a', feed: new MemoryFeed(rowsOf(values, { stretches: stretches.slice(0, 2) })), metric: 'loss' };
    const chart = overlaid([one, { ...one, label: 'b', feed: new MemoryFeed(rowsOf(values)) }]);
    await drawn();
    expect(chart.summary()).toContain('Marked is where another cell goes on: step 10 (a).');
  });
});
