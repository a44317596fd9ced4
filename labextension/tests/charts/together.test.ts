import { describe, expect, test } from 'vitest';

import { Chart } from '../../src/charts/chart.js';
import { Together, type ChartOptions } from '../../src/charts/index.js';
import { button, drawn, live, storage, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf } from './standin.js';

withCharts();

/** A chart of so many rows that shares what is seen. */
function chartOf(shared: Together, n = 101, options: ChartOptions = {}): Chart {
  const feed = new MemoryFeed(rowsOf(Array.from({ length: n }, (_, i) => i)));
  const chart = new Chart(document.body, [{ label: 'run', feed, metric: 'loss' }], { shared, ...options });
  live.push(chart);
  return chart;
}

function linked(): Together {
  const shared = new Together();
  shared.link(true);
  return shared;
}

const isZoomed = (chart: Chart): boolean => !button(chart, 'Reset zoom').hidden;
const xOf = (chart: Chart): HTMLSelectElement => chart.element.querySelector('select')!;
const emaOf = (chart: Chart): string => chart.element.querySelector('input[type=range]')!.getAttribute('aria-valuetext')!;

function smooth(chart: Chart, where: string): void {
  const slider = chart.element.querySelector<HTMLInputElement>('input[type=range]')!;
  slider.value = where;
  slider.dispatchEvent(new Event('input'));
}

function chooseX(chart: Chart, x: string): void {
  xOf(chart).value = x;
  xOf(chart).dispatchEvent(new Event('change'));
}

describe('linked charts', () => {
  test('see the same part of x, each with its own y, and a reset is one of all', async () => {
    const shared = linked();
    const [one, other] = [chartOf(shared), chartOf(shared, 51)];
    await drawn();
    one.selected([0.2, 0.4], [0.1, 0.2]);
    await drawn();
    expect(shared.look.part).toMatchObject({ x: '_step', range: [20, 40] });
    expect(other.xTicks().map(({ label }) => label)).toEqual(one.xTicks().map(({ label }) => label));
    expect(other.yTicks()).not.toEqual(one.yTicks());
    other.reset();
    await drawn();
    expect([one, other].map(isZoomed)).toEqual([false, false]);
  });

  test('follow smoothing, log x and the choice of x, where they have it', async () => {
    const shared = linked();
    const [one, other] = [chartOf(shared, 101, { stepMetrics: ['epoch'] }), chartOf(shared)];
    await drawn();
    smooth(one, '0.5');
    button(one, 'log x').click();
    chooseX(one, '_runtime');
    await drawn();
    expect([emaOf(other), button(other, 'log x').getAttribute('aria-pressed'), xOf(other).value]).toEqual(
      [emaOf(one), 'true', '_runtime']
    );
    chooseX(one, 'epoch');
    await drawn();
    expect([xOf(one).value, xOf(other).value]).toEqual(['epoch', '_runtime']);
    one.selected([0.2, 0.4], null);
    await drawn();
    expect([one, other].map(isZoomed)).toEqual([true, false]);
  });

  test('a zoom is gone when x is another one', async () => {
    const shared = linked();
    const [one, other] = [chartOf(shared), chartOf(shared)];
    await drawn();
    one.selected([0.2, 0.4], null);
    chooseX(other, '_timestamp');
    await drawn();
    expect([shared.look.part, isZoomed(one), isZoomed(other), xOf(one).value]).toEqual([null, false, false, '_timestamp']);
  });

  test('one that comes later begins with what was chosen; one that is gone is told nothing', async () => {
    const shared = linked();
    const one = chartOf(shared);
    await drawn();
    smooth(one, '0.5');
    one.selected([0.2, 0.4], null);
    const later = chartOf(shared);
    await drawn();
    expect([emaOf(later), isZoomed(later)]).toEqual([emaOf(one), true]);
    later.dispose();
    one.reset();
    expect(later.xTicks().at(-1)!.label).toBe('40');
  });

  test('what is not shared stays: log y and a zoom of y', async () => {
    const shared = linked();
    const [one, other] = [chartOf(shared), chartOf(shared)];
    await drawn();
    button(one, 'log y').click();
    one.selected(null, [0.1, 0.2]);
    await drawn();
    expect([button(other, 'log y').getAttribute('aria-pressed'), isZoomed(other)]).toEqual(['false', false]);
  });
});

describe('charts that are not linked', () => {
  test('are on their own, until they are linked: then all take over what was chosen last', async () => {
    const shared = new Together();
    const [one, other] = [chartOf(shared), chartOf(shared)];
    await drawn();
    one.selected([0.2, 0.4], null);
    smooth(one, '0.5');
    await drawn();
    expect([emaOf(other), isZoomed(other)]).toEqual(['none', false]);
    shared.link(true);
    await drawn();
    expect([emaOf(other), isZoomed(other)]).toEqual([emaOf(one), true]);
    shared.link(false);
    one.reset();
    await drawn();
    expect([isZoomed(one), isZoomed(other)]).toEqual([false, true]);
  });

  test('a new log y leaves the zoom of x as it is', async () => {
    const one = chartOf(new Together());
    await drawn();
    one.selected([0.2, 0.4], null);
    button(one, 'log y').click();
    await drawn();
    expect([one.xTicks()[0]!.label, isZoomed(one)]).toEqual(['20', true]);
  });
});

describe('what is shared', () => {
  test('is remembered, but for the zoom', async () => {
    const kept = storage();
    const shared = new Together(kept);
    shared.link(true);
    shared.change({ ema: 0.9, isLogX: true, x: '_runtime', part: { x: '_runtime', range: [1, 2] } }, {});
    const again = new Together(kept);
    expect([again.isLinked, again.look]).toEqual([true, { ema: 0.9, isLogX: true, x: '_runtime', part: null }]);
  });

  test.each([[null], ['x'], [{ isLinked: 'yes', ema: 7, isLogX: 1, x: 3 }]])('%j is nothing to remember', said => {
    const { isLinked, look } = new Together({ get: () => said, set: () => { throw new Error('full'); } });
    expect([isLinked, look]).toEqual([false, { ema: null, isLogX: null, x: null, part: null }]);
  });
});
