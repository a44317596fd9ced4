import { expect, test } from 'vitest';

import { drawn, mounted, overlaid, storage, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf } from './standin.js';

withCharts();

test('smoothing is said at the head of a chart while its controls are closed', async () => {
  const kept = storage();
  kept.set('chart:loss', { ema: 0.42 });
  const { chart } = mounted(rowsOf([1, 2, 3]), { storage: kept });
  await drawn();
  expect(chart.element.querySelector<HTMLElement>('.nbt-chart-tools')!.hidden).toBe(true);
  expect(chart.element.querySelector('.nbt-chart-note')!.textContent).toBe('smoothed 0.42');
});

test('nothing is said of points before the first answer, and then at once', async () => {
  const feed = new MemoryFeed(rowsOf([]));
  const answer = feed.series.bind(feed);
  let come = (): void => undefined;
  const isThere = new Promise<void>(resolve => (come = resolve));
  feed.series = query => isThere.then(() => answer(query));
  const chart = overlaid([{ label: 'run', feed, metric: 'loss' }]);
  const description = (): string => chart.element.querySelector('.nbt-chart-quiet')!.textContent!;
  await drawn();
  expect(description()).toBe('');
  come();
  await drawn();
  expect(description()).toBe('loss, over step. run: no points yet.');
});
