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

  /** Opens, and answers the first watch as a server does. */
  answer(store = 'default'): void {
    this.open();
    this.say({ type: 'changed', store, revision: 1, runs: ['p/x'], gone: [] });
  }

  drop(code = 1006): void {
    this.onclose?.(new CloseEvent('close', { code }));
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
    sockets[0]?.answer();
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
    expect(listener).not.toHaveBeenCalled();
    sockets[1]?.say(changed('default', 'p/x'));
    sockets[1]?.say(changed('default', 'p/x'));
    expect(listener).toHaveBeenCalledExactlyOnceWith(null);
    expect(sockets[1]?.sent).toEqual([{ type: 'watch', store: 'default', runs: ['p/a'] }]);
  });

  it('ask less and less often a server that does not come back', async () => {
    events.watch('default', 'p/a', vi.fn());
    while (sockets.length < 20) {
      sockets.at(-1)?.drop();
      await vi.advanceTimersToNextTimerAsync();
    }
    sockets.at(-1)?.drop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sockets).toHaveLength(20);
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
    sockets[0]?.answer();
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

  it('do not storm a server that takes sockets and closes them, and look meanwhile', async () => {
    const listener = vi.fn();
    events.watch('default', 'p/a', listener);
    for (let i = 0; i < 10; i += 1) {
      sockets.at(-1)?.open();
      sockets.at(-1)?.drop();
      await vi.advanceTimersByTimeAsync(2000);
    }
    expect(sockets.length).toBeLessThan(8);
    expect(listener).toHaveBeenCalledTimes(10);
  });

  it('wait longest for a server that has too many clients', async () => {
    events.watch('default', 'p/a', vi.fn());
    sockets[0]?.open();
    sockets[0]?.drop(1013);
    await vi.advanceTimersByTimeAsync(22_000);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it('have who watches look while a socket does not open, and try another one', async () => {
    const listener = vi.fn();
    events.watch('default', 'p/a', listener);
    await vi.advanceTimersByTimeAsync(8100);
    expect(listener).toHaveBeenCalledTimes(4);
    await vi.advanceTimersByTimeAsync(4000);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(sockets).toHaveLength(2);
    sockets[0]?.answer();
    expect(listener).toHaveBeenCalledTimes(6);
  });

  it('let go of a store with its last watch', async () => {
    const stops = ['a', 'a', 'b'].map(store => events.watch(store, 'p/a', vi.fn()));
    sockets[0]?.open();
    ['a', 'b'].forEach(store => sockets[0]?.say(changed(store)));
    await vi.advanceTimersByTimeAsync(1);
    stops[0]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets[0]?.sent.at(-1)).toEqual({ type: 'watch', store: 'a', runs: ['p/a'] });
    stops[1]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets[0]?.sent.at(-1)).toEqual({ type: 'unwatch', store: 'a' });
  });

  it('have who watches look for themselves in a store that the server refuses', async () => {
    const [refused, told] = [vi.fn(), vi.fn()];
    events.watch('a', 'p/a', told);
    sockets[0]?.answer('a');
    const stop = events.watch('b', 'p/a', refused);
    await vi.advanceTimersByTimeAsync(1);
    sockets[0]?.say({ type: 'error', message: 'too many stores' });
    told.mockClear();
    await vi.advanceTimersByTimeAsync(4000);
    expect([refused.mock.calls, told.mock.calls]).toEqual([[[null], [null]], []]);
    sockets[0]?.say(changed('b'));
    await vi.advanceTimersByTimeAsync(4000);
    expect(refused).toHaveBeenCalledTimes(3);
    stop();
  });

  it('look again in a store of which the server tells, when it refuses more of it', async () => {
    const listener = vi.fn();
    events.watch('a', 'p/a', listener);
    sockets[0]?.answer('a');
    events.watch('a', 'odd', vi.fn());
    await vi.advanceTimersByTimeAsync(1);
    sockets[0]?.say({ type: 'error', message: 'no such run' });
    listener.mockClear();
    await vi.advanceTimersByTimeAsync(4000);
    expect(listener.mock.calls).toEqual([[null], [null]]);
  });

  it('ask for a refused store again once there is room for it', async () => {
    const stop = events.watch('a', 'p/a', vi.fn());
    events.watch('b', 'p/b', vi.fn());
    sockets[0]?.answer('a');
    sockets[0]?.say({ type: 'error', message: 'too many stores' });
    await vi.advanceTimersByTimeAsync(1);
    sockets[0]?.sent.splice(0);
    stop();
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets[0]?.sent).toEqual([
      { type: 'unwatch', store: 'a' },
      { type: 'watch', store: 'b', runs: ['p/b'] }
    ]);
  });

  it('do not mind a server that knows no unwatching', async () => {
    const listener = vi.fn();
    events.watch('a', 'p/a', listener);
    const stop = events.watch('b', 'p/b', vi.fn());
    sockets[0]?.open();
    ['a', 'b'].forEach(store => sockets[0]?.say(changed(store)));
    stop();
    await vi.advanceTimersByTimeAsync(1);
    listener.mockClear();
    sockets[0]?.say({ type: 'error', message: 'a message must be like ...' });
    await vi.advanceTimersByTimeAsync(6000);
    expect(listener).not.toHaveBeenCalled();
    sockets[0]?.say(changed('a', 'p/a'));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('begin again after they ended', async () => {
    events.watch('default', 'p/a', vi.fn())();
    await vi.advanceTimersByTimeAsync(6000);
    events.watch('default', 'p/a', vi.fn());
    expect(sockets).toHaveLength(2);
  });
});
