import { beforeEach, expect, it, vi } from 'vitest';

import { mountCompare } from '../../src/run/index.js';
import { drawn, withCharts } from '../charts/mounting.js';
import { MemoryFeed, rowsOf } from '../charts/standin.js';
import { cellOf, HandFeed, metricOf, runOf } from '../runs.js';

/** All charts are in view. */
class Everywhere {
  constructor(readonly take: (entries: { target: Element; isIntersecting: boolean }[]) => void) {}
  observe(target: Element): void {
    this.take([{ target, isIntersecting: true }]);
  }
  unobserve(): void {}
  disconnect(): void {}
}

/** A run whose rows were all made by its cell with this prompt. */
class RowsFeed extends HandFeed {
  constructor(id: string, count: number, y: readonly number[]) {
    super();
    this.run = runOf({ id, name: id, metrics: [metricOf('loss')] });
    this.shownCells = [cellOf({ execution: 'e1', count })];
    const rows = new MemoryFeed(rowsOf(y));
    this.series = query => rows.series(query);
  }
}

withCharts();
beforeEach(() => void vi.stubGlobal('IntersectionObserver', Everywhere));

it('names the cell of a point by its own run, and leads there, though a run before it is gone', async () => {
  const feeds = [new HandFeed(), new RowsFeed('a', 7, [1, 1, 1]), new RowsFeed('b', 9, [5, 5, 5])];
  feeds[0]!.failure = new Error('gone');
  const host = document.createElement('div');
  document.body.append(host);
  const onCell = vi.fn();
  const shown = mountCompare(host, feeds, { onCell });
  await drawn();
  await drawn();
  const plot = host.querySelector<HTMLElement>('.nbt-chart-plot')!;
  const press = (key: string): void => void plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  press('ArrowRight');
  await drawn();
  const tip = host.querySelector('[role=tooltip]')!.textContent ?? '';
  press('Enter');
  const [which, prompt] = tip.includes('cell [7]') ? [1, 7] : [2, 9];
  expect(tip).toContain(`cell [${prompt}]`);
  expect(onCell.mock.calls).toEqual([['e1', which]]);
  shown.dispose();
  host.remove();
});
