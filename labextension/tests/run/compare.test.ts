import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { mountCompare, type Shown } from '../../src/run/index.js';
import type { Comparison } from '../../src/wire/types.js';
import { HandFeed, metricOf, runOf } from '../runs.js';

let host: HTMLElement;
let feeds: [HandFeed, HandFeed];
let shown: Shown | null;

beforeEach(() => {
  vi.useFakeTimers();
  host = document.createElement('div');
  document.body.append(host);
  feeds = [new HandFeed(), new HandFeed()];
  feeds[0].run = runOf({ id: 'a', name: 'slow', metrics: [metricOf('loss'), metricOf('x')] });
  feeds[1].run = runOf({ id: 'b', name: 'fast', metrics: [metricOf('loss')] });
});
afterEach(() => {
  shown?.dispose();
  host.remove();
  vi.useRealTimers();
});

async function show(comparison?: () => Promise<Comparison>): Promise<void> {
  shown = mountCompare(host, feeds, comparison === undefined ? {} : { comparison });
  await vi.advanceTimersByTimeAsync(100);
}

const texts = (selector: string): string[] =>
  [...host.querySelectorAll(selector)].map(node => node.textContent ?? '');

const comparison = (changes: Partial<Comparison>): Comparison => ({
  runs: feeds.map(feed => feed.run),
  config: [],
  summary: [],
  code: [],
  environment: [],
  same: 0,
  ...changes
});

it('has one chart for each metric that any of the runs has', async () => {
  await show();
  expect([...host.querySelectorAll<HTMLElement>('.nbt-place')].map(place => place.dataset['metric'])).toEqual(['loss', 'x']);
});

it('tells in what runs differ, and what a run lacks', async () => {
  await show(() =>
    Promise.resolve(
      comparison({
        config: [
          { key: 'lr', values: [0.1, 0.9], has: [true, true] },
          { key: 'seed', values: [null, 7], has: [false, true] }
        ]
      })
    )
  );
  expect(texts('.nbt-differences tr')).toEqual(['Keyslowfast', 'lr0.10.9', 'seed–7']);
});

it('spells keys as people wrote them, in the table and at the axes', async () => {
  const config = [{ key: 'model\\.width', values: [8, 16], has: [true, true] }];
  const code = [{ key: 'src\\a.py', values: [1, 2], has: [true, true] }];
  await show(() => Promise.resolve(comparison({ config, code })));
  expect(texts('.nbt-differences tbody th')).toEqual(['model.width', 'src\\a.py']);
  expect([...host.querySelectorAll('.nbt-across-key')].map(node => node.firstChild?.textContent)).toEqual(['model.width']);
});

it('tells runs of the same name apart by their ids', async () => {
  feeds[1].run = runOf({ id: 'b', name: 'slow' });
  await show();
  expect(texts('.nbt-legend li')).toEqual([' slow (a) · running', ' slow (b) · running']);
});

it('shows the others when one run is gone, and says which is not there', async () => {
  feeds[0].failure = new Error('digits/a is not there');
  await show();
  expect(texts('.nbt-legend li')).toEqual([' fast · running']);
  expect(texts('[role=alert]')).toEqual(['digits/a is not there']);
});

it('leaves nothing behind', async () => {
  await show();
  shown?.dispose();
  await vi.advanceTimersByTimeAsync(5000);
  expect([host.childNodes.length, feeds[0].listeners.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
});
