import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Events, type AskChanges, type Socket } from '../../src/wire/events.js';

class HandSocket implements Socket {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: unknown[] = [];
  isClosed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.onopen?.(new Event('open'));
  }

  say(said: object): void {
    this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(said) }));
  }

  drop(): void {
    this.onclose?.(new CloseEvent('close'));
  }
}

describe('events', () => {
  let sockets: HandSocket[];
  let events: Events;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    events = new Events(() => {
      const socket = new HandSocket();
      sockets.push(socket);
      return socket;
    });
  });
  afterEach(() => vi.useRealTimers());

  const changed = (store: string, ...runs: string[]): object => ({ type: 'changed', store, revision: 1, runs, gone: [] });

  it('reach only who watches the run', () => {
    const [mine, other] = [vi.fn(), vi.fn()];
    events.watch('default', 'p/a', mine);
    events.watch('default', 'p/b', other);
    sockets[0]?.open();
    mine.mockClear();
    other.mockClear();
    sockets[0]?.say(changed('default', 'p/a'));
    expect([mine.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
  });

  it('need one socket for a page, which names every run once', async () => {
    events.watch('default', 'p/a', vi.fn());
    events.watch('default', 'p/a', vi.fn());
    sockets[0]?.open();
    events.watch('default', 'p/b', vi.fn());
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]?.sent.at(-1)).toEqual({ type: 'watch', store: 'default', runs: ['p/a', 'p/b'] });
  });

  it('have who watches look every two seconds while there is no socket', async () => {
    const listener = vi.fn();
    events.watch('default', 'p/a', listener);
    sockets[0]?.drop();
    await vi.advanceTimersByTimeAsync(4100);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('come back by themselves, and tell to look for what was missed', async () => {
    const listener = vi.fn();
    events.watch('default', 'p/a', listener);
    sockets[0]?.open();
    sockets[0]?.drop();
    await vi.advanceTimersByTimeAsync(1000);
    listener.mockClear();
    sockets[1]?.open();
    expect(listener).toHaveBeenCalledExactlyOnceWith(null);
    expect(sockets[1]?.sent).toEqual([{ type: 'watch', store: 'default', runs: ['p/a'] }]);
  });

  it('ask less and less often a server that does not come back', async () => {
    events.watch('default', 'p/a', vi.fn());
    for (let i = 0; i < 20; i += 1) {
      sockets.at(-1)?.drop();
      await vi.advanceTimersByTimeAsync(40_000);
    }
    expect(sockets).toHaveLength(21);
    sockets.at(-1)?.drop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sockets).toHaveLength(21);
  });

  it('take a socket that says nothing for dead', async () => {
    events.watch('default', 'p/a', vi.fn());
    sockets[0]?.open();
    await vi.advanceTimersByTimeAsync(37_000);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it('end with the last who watches, and leave no timer', async () => {
    const stop = events.watch('default', 'p/a', vi.fn());
    sockets[0]?.open();
    stop();
    await vi.advanceTimersByTimeAsync(6000);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ask which runs changed where the server does not know', async () => {
    const ask = vi.fn<AskChanges>();
    events = new Events(() => sockets[sockets.push(new HandSocket()) - 1] as HandSocket, ask);
    const [mine, list] = [vi.fn(), vi.fn()];
    events.watch('default', 'p/a', mine);
    events.watch('default', null, list);
    sockets[0]?.open();
    const found = { epoch: 'e', runs: [] as string[], gone: [] as string[], everything: false };
    const say = async (revision: number, answer: Partial<typeof found> | Error): Promise<unknown[][]> => {
      mine.mockClear();
      ask.mockImplementationOnce(() =>
        answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ ...found, revision, ...answer })
      );
      sockets[0]?.say({ type: 'changed', store: 'default', revision, runs: [], gone: [] });
      await vi.advanceTimersByTimeAsync(1);
      return mine.mock.calls;
    };
    expect(await say(5, { everything: true })).toEqual([]);
    expect(await say(6, { runs: ['p/b'] })).toEqual([]);
    expect(await say(7, { runs: ['p/a'] })).toHaveLength(1);
    expect(await say(8, { everything: true })).toEqual([[null]]);
    expect(await say(9, new Error('no'))).toEqual([[null]]);
    expect(ask.mock.calls.map(([, since, epoch]) => [since, epoch])).toEqual([
      [5, ''], [5, 'e'], [6, 'e'], [7, 'e'], [8, 'e']
    ]);
    expect(list.mock.calls.length).toBeGreaterThan(5);
  });

  it('begin again after they ended', async () => {
    events.watch('default', 'p/a', vi.fn())();
    await vi.advanceTimersByTimeAsync(6000);
    events.watch('default', 'p/a', vi.fn());
    expect(sockets).toHaveLength(2);
  });
});
