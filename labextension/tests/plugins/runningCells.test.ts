import type { INotebookTracker } from '@jupyterlab/notebook';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { markRunningCells } from '../../src/plugins/runningCells.js';
import type { Server } from '../../src/plugins/server.js';
import { StoresInUse } from '../../src/plugins/storesInUse.js';
import { Client, type Send } from '../../src/wire/client.js';

const NOTHING = '{"cells": []}';
const cellsOf = (...ids: (string | null)[]): string =>
  JSON.stringify({ cells: ids.map(cell_id => ({ run: 'p/a', execution: 's-1', cell_id, count: 1 })) });

/** What asks, what was asked, and what ticks as the events do without a socket. */
function standIn(answer: (path: string) => Response): { server: Server; asked: string[]; tick: () => void } {
  const asked: string[] = [];
  const send: Send = path => {
    asked.push(path);
    return Promise.resolve(answer(path));
  };
  const client = new Client(send);
  const listeners = new Set<() => void>();
  const watch = (_store: string, _run: unknown, told: () => void): (() => void) => {
    listeners.add(told);
    return () => listeners.delete(told);
  };
  const server = { client, events: { watch }, inUse: new StoresInUse() } as unknown as Server;
  return { server, asked, tick: () => listeners.forEach(told => told()) };
}

function notebooksOf(...ids: string[]): { tracker: INotebookTracker; marked: Set<string> } {
  const marked = new Set<string>();
  const widgets = ids.map(id => ({
    model: { id },
    toggleClass: (_: string, isSet: boolean) => (isSet ? marked.add(id) : marked.delete(id))
  }));
  const tracker = {
    size: 1,
    forEach: (act: (panel: unknown) => void) => act({ content: { widgets } }),
    widgetAdded: { connect: () => true }
  };
  return { tracker: tracker as unknown as INotebookTracker, marked };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ticks = async (tick: () => void, n: number): Promise<void> => {
  for (let i = 0; i < n; i += 1) {
    tick();
    await vi.advanceTimersByTimeAsync(2_000);
  }
};

it('marks the cells that run, and no others', async () => {
  const { server, asked, tick } = standIn(() => new Response(cellsOf('two', null)));
  const { tracker, marked } = notebooksOf('one', 'two');
  const end = markRunningCells(server, tracker);
  await ticks(tick, 1);
  expect([...marked]).toEqual(['two']);
  expect(asked).toEqual(['nbtracker/api/stores/default/running']);
  end();
  expect(marked.size).toBe(0);
});

it('looks into each store that is shown, for as long as it is', async () => {
  const { server, asked, tick } = standIn(path => new Response(cellsOf(path.includes('other') ? 'one' : 'two')));
  const { tracker, marked } = notebooksOf('one', 'two');
  const end = markRunningCells(server, tracker);
  const release = server.inUse.use('other');
  await ticks(tick, 1);
  expect(marked).toEqual(new Set(['one', 'two']));
  release();
  await ticks(tick, 1);
  expect(marked).toEqual(new Set(['two']));
  end();
  await ticks(tick, 2);
  expect(asked).toHaveLength(3);
});

it('asks once where the extension is not there, until somebody had an answer', async () => {
  let isThere = false;
  const answer = (): Response => (isThere ? new Response(NOTHING) : new Response('<html>', { status: 404 }));
  const { server, asked, tick } = standIn(answer);
  markRunningCells(server, notebooksOf('one').tracker);
  await ticks(tick, 5);
  expect(asked).toEqual(['nbtracker/api/stores/default/running']);
  isThere = true;
  await server.client.stores();
  await ticks(tick, 2);
  expect(asked).toHaveLength(4);
});

it('goes on where only a run is gone, or the server is not well', async () => {
  const refusals = [new Response('{"message": "no such store"}', { status: 404 }), new Response('', { status: 502 })];
  const { server, asked, tick } = standIn(path =>
    path.endsWith('running') ? (refusals.shift() ?? new Response(NOTHING)) : new Response('{"stores": []}')
  );
  markRunningCells(server, notebooksOf('one').tracker);
  await ticks(tick, 3);
  expect(asked.filter(path => path.endsWith('running'))).toHaveLength(3);
});
