import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { Shell } from '../../src/charts/shell.js';
import { Tools } from '../../src/charts/tools.js';
import { button, drawn, mounted, storage, withCharts } from './mounting.js';
import { rowsOf } from './standin.js';

withCharts();

/** A shell whose controls are so high. */
function shell(taken: number): Shell {
  const made = new Shell();
  const node = (): HTMLElement => document.createElement('div');
  const tools = node();
  Object.defineProperty(tools, 'offsetHeight', { value: taken });
  made.fill('', '', { tools, resetter: node(), opener: node(), legend: node(), summary: node(), voice: node(), table: node() });
  return made;
}

describe('the room for a plot', () => {
  test('is what open controls leave of it, and never less than can be read', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(400), (height, taken) => {
        const room = shell(taken).room(height).height;
        expect(room).toBeGreaterThanOrEqual(Math.min(height, 140));
        expect(room).toBeLessThanOrEqual(height);
        if (height - taken >= 140) expect(room + taken).toBe(height);
      })
    );
  });

  test('is taken when controls open, and given back when they close', async () => {
    const resized = new Map<Element, () => void>();
    vi.stubGlobal('ResizeObserver', class {
      constructor(private readonly _told: () => void) {}
      observe(node: Element) { resized.set(node, this._told); }
      disconnect() {}
    });
    const { chart } = mounted(rowsOf([1, 2, 3]), { height: 220 });
    await drawn();
    const tools = chart.element.querySelector<HTMLElement>('.nbt-chart-tools')!;
    Object.defineProperty(tools, 'offsetHeight', { get: () => (tools.hidden ? 0 : 60) });
    const heights = [0, 1, 2].map(() => {
      resized.get(tools)?.();
      chart.element.querySelector<HTMLElement>('button[aria-expanded]')!.click();
      return Number(/height="(\d+)"/.exec(chart.exportSvg())![1]) - 22;
    });
    expect(heights).toEqual([220, 160, 220]);
  });
});

describe('the controls', () => {
  const tools = (stepMetrics: string[]): Tools => new Tools({} as never, text => text, stepMetrics);
  const values = (one: Tools): string[] => [...one.node.querySelectorAll('option')].map(({ value }) => value);

  test('offer metrics that come later, and what was chosen stays chosen', async () => {
    const { chart, feed } = mounted(rowsOf([1, 2, 3]), { stepMetrics: ['epoch'] });
    await drawn();
    const list = chart.element.querySelector('select')!;
    list.value = 'epoch';
    list.dispatchEvent(new Event('change'));
    await drawn();
    chart.update({ stepMetrics: ['batch', 'epoch', 'batch'] });
    expect([...list.options].map(({ value }) => value)).toEqual(['_step', '_runtime', '_timestamp', 'batch', 'epoch']);
    expect([list.value, feed.asked.at(-1)!.x]).toEqual(['epoch', 'epoch']);
    chart.update({});
    expect(list.options).toHaveLength(5);
  });

  test('the list stays as it is if it says the same, so that it does not close under the mouse', () => {
    const one = tools(['a']);
    const before = [...one.node.querySelectorAll('option')];
    one.offer(['a', 'a']);
    expect([...one.node.querySelectorAll('option')]).toEqual(before);
    one.offer([]);
    expect(values(one)).toEqual(['_step', '_runtime', '_timestamp']);
  });

  test('show what was chosen once, also before its metric is there', async () => {
    const kept = storage();
    kept.set('chart:loss', { x: 'epoch' });
    const { chart } = mounted(rowsOf([1, 2, 3]), { storage: kept });
    await drawn();
    const list = chart.element.querySelector('select')!;
    expect(list.value).toBe('epoch');
    chart.update({ stepMetrics: ['epoch', 'batch'] });
    expect([list.value, [...list.options].map(({ value }) => value).slice(3)]).toEqual(['epoch', ['epoch', 'batch']]);
  });

  test('help takes room when it is asked for', async () => {
    const { chart } = mounted(rowsOf([1, 2, 3]));
    await drawn();
    const help = chart.element.querySelector<HTMLElement>('.nbt-chart-tools small')!;
    const isShown = (): unknown[] => [!help.hidden, button(chart, '?').getAttribute('aria-expanded')];
    expect(isShown()).toEqual([false, 'false']);
    button(chart, '?').click();
    expect(isShown()).toEqual([true, 'true']);
    expect(button(chart, '?').getAttribute('aria-controls')).toBe(help.id);
  });
});
