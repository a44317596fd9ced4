import type { IRenderMime } from '@jupyterlab/rendermime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { MIME_TYPE } from '../../src/plugins/payload.js';
import { RunRenderer } from '../../src/plugins/runRenderer.js';
import type { Server } from '../../src/plugins/server.js';
import { StoresInUse } from '../../src/plugins/storesInUse.js';
import { english } from '../../src/run/words.js';
import { RefusedError } from '../../src/wire/client.js';
import type { RunDetail } from '../../src/wire/types.js';
import { runOf } from '../runs.js';

interface Standing {
  server: Server;
  n_asked: number;
  listeners: Set<(changed: object | null) => void>;
  answer: (id: string) => Promise<RunDetail>;
}

function standIn(answer: Standing['answer']): Standing {
  const standing: Standing = { server: null as unknown as Server, n_asked: 0, listeners: new Set(), answer };
  const client = {
    isMissing: false,
    run: (_: string, { id }: { id: string }) => {
      standing.n_asked += 1;
      return standing.answer(id);
    },
    compare: () => new Promise(() => undefined)
  };
  const watch = (_store: string, _run: string, listener: () => void): (() => void) => {
    standing.listeners.add(listener);
    return () => standing.listeners.delete(listener);
  };
  standing.server = { client, events: { watch }, inUse: new StoresInUse() } as unknown as Server;
  return standing;
}

function rendered({ server }: Standing, ...runs: string[]): RunRenderer {
  const renderer = new RunRenderer({ mimeType: MIME_TYPE, server, words: english, onCell: () => undefined });
  const data = { [MIME_TYPE]: { version: 1, store: 'default', runs }, 'text/plain': 'as it was' };
  void renderer.renderModel({ data } as unknown as IRenderMime.IMimeModel);
  return renderer;
}

const refused = (status: number): (() => Promise<never>) => () => Promise.reject(new RefusedError(status, 'no'));
const there = (id: string): Promise<RunDetail> => Promise.resolve(runOf({ id }));
const isLive = ({ node }: RunRenderer): boolean => node.querySelector('.nbt-run') !== null;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('comes to life when the run that was in the trash is back', async () => {
  const standing = standIn(refused(404));
  const renderer = rendered(standing, 'p/a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([isLive(renderer), standing.n_asked]).toEqual([false, 1]);
  expect(renderer.node.textContent).toContain('as it was');
  standing.answer = there;
  standing.listeners.forEach(told => told({ runs: ['p/a'] }));
  await vi.advanceTimersByTimeAsync(6_000);
  expect(isLive(renderer)).toBe(true);
  expect(standing.server.inUse.names).toEqual(['default']);
  renderer.dispose();
  expect([standing.listeners.size, standing.server.inUse.names]).toEqual([0, []]);
});

it.each([403, 409, 503])('tries again by itself after a %d', async status => {
  const standing = standIn(refused(status));
  const renderer = rendered(standing, 'p/a');
  await vi.advanceTimersByTimeAsync(1000);
  standing.answer = there;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(isLive(renderer)).toBe(true);
  renderer.dispose();
});

it('asks seldom for a run that is gone where nobody tells what changes', async () => {
  const standing = standIn(refused(404));
  const renderer = rendered(standing, 'p/a');
  for (let i = 0; i < 60; i += 1) {
    await vi.advanceTimersByTimeAsync(2000);
    standing.listeners.forEach(told => told(null));
  }
  expect(standing.n_asked).toBeLessThan(7);
  renderer.dispose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(standing.listeners.size).toBe(0);
});

it('keeps no room that a display does not need, once there is one', async () => {
  const standing = standIn(there);
  const renderer = rendered(standing, 'p/a');
  expect(renderer.node.style.minHeight).toBe('420px');
  await vi.advanceTimersByTimeAsync(1000);
  expect([isLive(renderer), renderer.node.style.minHeight]).toEqual([true, '']);
  renderer.dispose();
});

it('draws several runs as soon as one of them is there', async () => {
  const never = new Promise<RunDetail>(() => undefined);
  const standing = standIn(id => (id === 'a' ? there(id) : id === 'b' ? refused(404)() : never));
  const renderer = rendered(standing, 'p/c', 'p/b', 'p/a');
  await vi.advanceTimersByTimeAsync(100);
  expect(isLive(renderer)).toBe(true);
  renderer.dispose();
});
