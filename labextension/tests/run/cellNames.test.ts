import { beforeEach, expect, it, vi } from 'vitest';

import { CellNames } from '../../src/run/cellNames.js';
import { english } from '../../src/run/words.js';
import { cellOf, HandFeed } from '../runs.js';

let feed: HandFeed;
let names: CellNames;

beforeEach(() => {
  feed = new HandFeed();
  names = new CellNames(feed, english);
});

it('name a cell by the number at its prompt', async () => {
  feed.shownCells = [cellOf({ execution: 's-1', count: 7 })];
  expect([await names.of('s-1'), await names.of('s-2')]).toEqual(['cell [7]', null]);
});

it('ask once for an execution that is not known, until the run changes', async () => {
  const asked = vi.spyOn(feed, 'cells');
  for (let i = 0; i < 50; i += 1) {
    await names.of('s-9');
  }
  expect(asked).toHaveBeenCalledTimes(1);
  feed.shownCells = [cellOf({ execution: 's-9', count: 9 })];
  names.changed();
  expect(await names.of('s-9')).toBe('cell [9]');
});

it('ask again when the run changed while they asked', async () => {
  const first = names.of('s-9');
  names.changed();
  await first;
  feed.shownCells = [cellOf({ execution: 's-9', count: 9 })];
  expect(await names.of('s-9')).toBe('cell [9]');
});

it('ask again after they were refused', async () => {
  const asked = vi.spyOn(feed, 'cells').mockRejectedValueOnce(new Error('no'));
  await names.of('s-9');
  await names.of('s-9');
  expect(asked).toHaveBeenCalledTimes(2);
});
