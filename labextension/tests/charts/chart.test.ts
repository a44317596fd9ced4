import { describe, expect, test, vi } from 'vitest';

import { Chart } from '../../src/charts/chart.js';
import { mountChart } from '../../src/charts/index.js';
import { button, Canvas, drawn, live, mounted, press, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf } from './standin.js';

const PAYLOAD = `"><img src=x onerror="alert(1)"><script>alert(2)</script>`;
const stretches = [
  { row: 0, segment: 0, execution: 'e1' },
  { row: 3, segment: 1, execution: 'e2' }
];

withCharts();

describe('a chart', () => {
  test('says in words what it shows', async () => {
    const { chart } = mounted(rowsOf([9, 9, 9, 5, NaN, Infinity, 2, 1], { stretches }), { title: 'train/loss' });
    await drawn();
    expect(chart.summary()).toBe(
      'train/loss, over step. run: falling, first 5, last 1, lowest 1, highest 5, 3 points, 1 NaN, 1 infinite, ' +
        'best 1, 1 earlier segment drawn faint. Marked is where another cell or segment goes on: step 3.'
    );
    const id = chart.element.getAttribute('aria-describedby')!;
    expect(chart.element.querySelector(`#${id}`)!.textContent).toBe(chart.summary());
    expect(chart.element.getAttribute('role')).toBe('figure');
  });

  test('follows a run, at most ten times a second', async () => {
    const { chart, feed } = mounted(rowsOf([1], { isRunning: true }));
    await drawn();
    const before = feed.asked.length;
    for (let n = 2; n <= 500; n += 1) {
      feed.set(rowsOf(Array.from({ length: n }, (_, i) => i), { isRunning: true }));
      await vi.advanceTimersByTimeAsync(2);
    }
    await drawn();
    expect(feed.asked.length - before).toBeLessThanOrEqual(13);
    expect(chart.summary()).toContain('last 499, lowest 0, highest 499, 500 points');
  });

  test('asks for nothing while its page is hidden, and catches up afterwards', async () => {
    const { chart, feed } = mounted(rowsOf([1], { isRunning: true }));
    await drawn();
    const before = feed.asked.length;
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    feed.set(rowsOf([1, 2, 3], { isRunning: true }));
    await drawn();
    expect(feed.asked).toHaveLength(before);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await drawn();
    expect(chart.summary()).toContain('3 points');
  });

  test('a11 no text of a run becomes markup, on the screen, in the table and in SVG', async () => {
    const { chart } = mounted(rowsOf([1, 2]), { title: PAYLOAD }, PAYLOAD);
    await drawn();
    button(chart, 'Table').click();
    await drawn();
    expect(document.querySelectorAll('img, script')).toHaveLength(0);
    expect(chart.element.querySelector('.nbt-chart-title')!.textContent).toBe(PAYLOAD);
    const svg = new DOMParser().parseFromString(chart.exportSvg(), 'image/svg+xml');
    expect(svg.querySelectorAll('script, img, foreignObject, parsererror')).toHaveLength(0);
    expect(svg.querySelector('title')!.textContent).toBe(PAYLOAD);
  });

  test('a17 the data come out as CSV', async () => {
    const { chart } = mounted(rowsOf([1.5, NaN, -Infinity]), {}, '=cmd()');
    await drawn();
    expect(chart.exportCsv().split('\r\n').slice(1, 4)).toEqual([
      "\"'=cmd()\",0,0,0,1.5,1.5,1.5,1.5,1,0,0,0,",
      "\"'=cmd()\",0,1,1,,,,,1,1,0,0,",
      "\"'=cmd()\",0,2,2,,,,,1,0,0,1,"
    ]);
  });

  test('the table shows a page at a time', async () => {
    const { chart } = mounted(rowsOf(Array.from({ length: 250 }, (_, i) => i)));
    await drawn();
    button(chart, 'Table').click();
    const rows = (): number => chart.element.querySelectorAll('tbody tr').length;
    expect(rows()).toBe(100);
    button(chart, 'Next').click();
    button(chart, 'Next').click();
    expect([rows(), button(chart, 'Next').disabled]).toEqual([50, true]);
  });

  test('keys zoom, read points, lead to the cell, and reset', async () => {
    const opened: string[] = [];
    const y = Array.from({ length: 100 }, (_, i) => i);
    const { chart } = mounted(rowsOf(y), { onCell: execution => opened.push(execution), nameCell: () => 'cell [7]' });
    await drawn();
    press(chart, '+');
    await drawn();
    expect(button(chart, 'Reset zoom').hidden).toBe(false);
    press(chart, 'ArrowRight');
    await drawn();
    expect(chart.element.querySelector('[role=tooltip]')!.textContent).toMatch(/^run: 25step 25 · .*cell \[7\]$/);
    press(chart, 'Enter');
    expect(opened).toEqual(['e1']);
    press(chart, 'Escape');
    await drawn();
    expect(button(chart, 'Reset zoom').hidden).toBe(true);
  });

  test('a zoom of y says what it leaves outside, on the screen, in words and in SVG', async () => {
    const { chart } = mounted(rowsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    await drawn();
    const note = (): string => chart.element.querySelector('.nbt-chart-note')!.textContent!;
    press(chart, 'y');
    await drawn();
    expect(note()).toBe('2 points above · 3 points below');
    expect(chart.summary()).toContain('Shown is y from 2.75 to 8.25, 2 points above, 3 points below.');
    expect(chart.exportSvg()).toContain('2 points above');
    expect(chart.exportCsv().trim().split('\r\n')).toHaveLength(1 + 6);
    expect(button(chart, 'Reset zoom').hidden).toBe(false);
    press(chart, 'Home');
    await drawn();
    expect([note(), button(chart, 'Reset zoom').hidden]).toEqual(['', true]);
    expect(chart.exportCsv().trim().split('\r\n')).toHaveLength(1 + 11);
  });

  test('a dragged box zooms both axes, and what grows does not move them', async () => {
    const feed = new MemoryFeed(rowsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { isRunning: true }));
    const chart = new Chart(document.body, [{ label: 'run', feed, metric: 'loss' }], {});
    live.push(chart);
    await drawn();
    chart.selected([0, 0.5], [0.5, 1]);
    await drawn();
    const ticks = JSON.stringify([chart.xTicks(), chart.yTicks()]);
    feed.set(rowsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 999], { isRunning: true }));
    await drawn();
    expect(JSON.stringify([chart.xTicks(), chart.yTicks()])).toBe(ticks);
    chart.reset();
    await drawn();
    expect(JSON.stringify([chart.xTicks(), chart.yTicks()])).not.toBe(ticks);
  });

  test('a slider that is dragged asks at the pace of the chart, the last time for where it ends', async () => {
    const { chart, feed } = mounted(rowsOf(Array.from({ length: 20_000 }, (_, i) => i)));
    await drawn();
    const before = feed.asked.length;
    const slider = chart.element.querySelector<HTMLInputElement>('input[type=range]')!;
    for (let i = 1; i <= 100; i += 1) {
      slider.value = String(i / 200);
      slider.dispatchEvent(new Event('input'));
      await vi.advanceTimersByTimeAsync(5);
    }
    await drawn();
    const weights = feed.asked.slice(before).map(query => query.ema);
    expect(weights.length).toBeGreaterThan(2);
    expect(weights.length).toBeLessThanOrEqual(7);
    expect(weights.at(-1)).toBe(0.9684);
  });

  test('over several runs the values are listed, highest first, and a few of many', async () => {
    const sources = Array.from({ length: 20 }, (_, i) => ({
      label: `run ${i}`, feed: new MemoryFeed(rowsOf([i % 7, (i * 7) % 20, 3])), metric: 'loss'
    }));
    const chart = mountChart(document.body, sources);
    live.push(chart);
    await drawn();
    press(chart, 'ArrowRight');
    press(chart, 'ArrowRight');
    await drawn();
    const tip = chart.element.querySelector('[role=tooltip]')!;
    const rows = [...tip.querySelectorAll('div')].map(row => Number(/: (\d+)/.exec(row.textContent!)![1]));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThanOrEqual(12);
    expect(rows).toEqual([...rows].sort((a, b) => b - a));
    expect(tip.textContent).toMatch(new RegExp(`and ${20 - rows.length} more$`));
    expect(tip.querySelectorAll('.nbt-chart-near')).toHaveLength(1);
    expect(tip.textContent!.match(/step 1/g)).toHaveLength(1);
  });

  test('a zoom asks for the rows that are seen', async () => {
    const { chart, feed } = mounted(rowsOf(Array.from({ length: 20_000 }, (_, i) => i)));
    await drawn();
    expect(chart.element.querySelector('.nbt-chart-note')!.textContent).toMatch(/^[\d,]+ of 20,000 points$/);
    for (let i = 0; i < 4; i += 1) press(chart, '+');
    await drawn();
    expect(feed.asked.some(query => query.rows !== undefined)).toBe(true);
    expect(chart.element.querySelector('.nbt-chart-note')!.textContent).toBe('');
  });

  test('choices are remembered', async () => {
    const kept = new Map<string, unknown>();
    const storage = { get: (key: string) => kept.get(key), set: (key: string, value: unknown) => void kept.set(key, value) };
    const { chart } = mounted(rowsOf([1, 2]), { storage });
    button(chart, 'log y').click();
    await drawn();
    const again = mounted(rowsOf([1, 2]), { storage }).chart;
    await drawn();
    expect(button(again, 'log y').getAttribute('aria-pressed')).toBe('true');
  });

  test('says why nothing new comes', async () => {
    const { chart, feed } = mounted(rowsOf([1, 2], { isRunning: true }));
    await drawn();
    feed.isBroken = true;
    feed.set(feed.rows);
    await drawn();
    expect(chart.element.querySelector('.nbt-chart-note')!.textContent).toBe('the server is gone');
  });

  test('it is drawn again in the colours of another theme', async () => {
    mounted(rowsOf([1, 2]));
    await drawn();
    await drawn();
    const before = Canvas.nPaths;
    document.body.dataset['jpThemeLight'] = 'false';
    await drawn();
    expect(Canvas.nPaths).toBeGreaterThan(before);
  });
});

describe('the end of a chart', () => {
  test('nothing of it stays: no nodes, listeners, observers, timers or frames', async () => {
    const open = counted();
    const { chart, feed } = mounted(rowsOf([1, 2, 3], { isRunning: true }), { nameCell: () => 'cell' });
    await drawn();
    press(chart, 'ArrowRight');
    feed.set(rowsOf([1, 2, 3, 4], { isRunning: true }));
    expect(open.listeners.size).toBeGreaterThan(0);
    chart.dispose();
    chart.dispose();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(feed.listeners.size).toBe(0);
    expect(document.body.children).toHaveLength(0);
    expect(document.adoptedStyleSheets ?? []).toHaveLength(0);
    expect([[...open.listeners], open.observers.size, vi.getTimerCount()]).toEqual([[], 0, 0]);
  });
});

/** Count what is open: listeners of document and window, and observers. */
function counted(): { listeners: Set<string>; observers: Set<unknown> } {
  const listeners = new Set<string>();
  const observers = new Set<unknown>();
  const ids = new Map<unknown, number>();
  const idOf = (listener: unknown): number => ids.get(listener) ?? ids.set(listener, ids.size).get(listener)!;
  for (const [name, target] of [['document', document], ['window', window]] as const) {
    const { addEventListener, removeEventListener } = target;
    const add = (type: string, listener: never, options?: never): void => {
      listeners.add(`${name} ${type} ${idOf(listener)}`);
      addEventListener.call(target, type, listener, options);
    };
    const remove = (type: string, listener: never, options?: never): void => {
      listeners.delete(`${name} ${type} ${idOf(listener)}`);
      removeEventListener.call(target, type, listener, options);
    };
    vi.spyOn(target, 'addEventListener').mockImplementation(add as never);
    vi.spyOn(target, 'removeEventListener').mockImplementation(remove as never);
  }
  for (const name of ['MutationObserver', 'ResizeObserver', 'IntersectionObserver'] as const) {
    const Original = globalThis[name];
    vi.stubGlobal(name, class extends (Original as typeof MutationObserver) {
      override observe(...args: Parameters<MutationObserver['observe']>): void {
        observers.add(this);
        super.observe(...args);
      }
      override disconnect(): void {
        observers.delete(this);
        super.disconnect();
      }
    });
  }
  return { listeners, observers };
}
