import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CommFeed, type Model } from '../../src/wire/commFeed.js';
import { reply, rowsOf } from '../charts/standin.js';

type Listener = (content: unknown, buffers: unknown) => void;

class HandModel implements Model {
  readonly sent: { id: string; what: string; args: unknown }[] = [];
  readonly listeners = new Set<Listener>();

  send(content: unknown): void {
    this.sent.push(content as (typeof this.sent)[number]);
  }

  on(_: 'msg:custom', listener: Listener): void {
    this.listeners.add(listener);
  }

  off(_: 'msg:custom', listener: Listener): void {
    this.listeners.delete(listener);
  }

  say(content: unknown, buffers: unknown[] = []): void {
    this.listeners.forEach(listener => listener(content, buffers));
  }
}

let model: HandModel;
let feed: CommFeed;

beforeEach(() => {
  vi.useFakeTimers();
  model = new HandModel();
  feed = new CommFeed(model);
});
afterEach(() => vi.useRealTimers());

it('gives each question its own answer', async () => {
  const [first, second] = [feed.detail(), feed.cells()];
  const [one, two] = model.sent;
  model.say({ id: two?.id, body: { cells: [] } });
  model.say({ id: one?.id, body: { name: 'a' } });
  expect([await first, await second]).toEqual([{ name: 'a' }, []]);
});

it('leaves answers to another view of the same widget alone', async () => {
  const other = new CommFeed(model);
  const asked = feed.detail();
  void other.detail().catch(() => undefined);
  model.say({ id: model.sent[0]?.id, body: { name: 'a' } });
  expect(await asked).toEqual({ name: 'a' });
});

it('passes on what the kernel refuses', async () => {
  const asked = feed.detail();
  model.say({ id: model.sent[0]?.id, error: 'the run is gone' });
  await expect(asked).rejects.toThrow('the run is gone');
});

it('says so when the kernel does not answer', async () => {
  const asked = expect(feed.detail()).rejects.toThrow('does not answer');
  await vi.advanceTimersByTimeAsync(61_000);
  await asked;
});

describe('an answer that comes too late', () => {
  it('has who listens ask again, once for all that are late', async () => {
    const listener = vi.fn();
    feed.listen(listener);
    const asked = [feed.detail(), feed.cells()].map(one => expect(one).rejects.toThrow('does not answer'));
    await vi.advanceTimersByTimeAsync(200_000);
    await Promise.all(asked);
    model.sent.forEach(({ id }) => model.say({ id, body: {} }));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('is none if nobody asked, as when the feed looks whether the kernel is free', async () => {
    const listener = vi.fn();
    feed.listen(listener);
    model.say({ changed: true, ahead: [] });
    listener.mockClear();
    await vi.advanceTimersByTimeAsync(200_000);
    model.say({ id: model.sent[0]?.id, body: {} });
    expect(listener).not.toHaveBeenCalled();
  });
});

it('tells changes until it is disposed, and leaves nothing at the model', () => {
  const listener = vi.fn();
  feed.listen(listener);
  model.say({ changed: true });
  feed.dispose();
  model.say({ changed: true });
  expect(listener).toHaveBeenCalledTimes(1);
  expect(model.listeners.size).toBe(0);
});

describe('a kernel that is busy', () => {
  const args = { metrics: ['loss'], x: '_step', bins: 512 };
  const tell = (since = 0, n_rows = 3): void => {
    const answered = { ...args, metrics: ['loss', 'acc'], since, bins: 64 };
    const said = { changed: true, ahead: [{ what: 'series', args: answered, body: null }] };
    model.say(said, [reply(rowsOf(Array.from({ length: n_rows }, () => 1)), 'loss', answered)]);
  };

  it('answers what waits, and what is asked next', async () => {
    const waits = feed.series(args);
    tell();
    expect((await waits).header.n_rows).toBe(3);
    const n_sent = model.sent.length;
    expect((await feed.series({ ...args, since: 2 })).header.n_rows).toBe(3);
    tell(0, 9);
    expect((await feed.series(args)).header.n_rows).toBe(9);
    expect(model.sent).toHaveLength(n_sent);
  });

  it('does not answer with less than was asked for', () => {
    tell(5);
    for (const other of [args, { ...args, since: 5, ema: 0.5 }, { ...args, since: 5, metrics: ['loss', 'lr'] }]) {
      void feed.series(other).catch(() => undefined);
      expect(model.sent.at(-1)?.args).toEqual(other);
    }
  });

  it('is asked again once it takes questions', async () => {
    tell();
    model.say({ changed: true });
    void feed.series(args).catch(() => undefined);
    expect(model.sent.at(-1)?.what).toBe('series');
  });

  it('has one open question, by whose answer it is seen that it is free', () => {
    tell();
    tell(0, 4);
    expect(model.sent.map(one => one.what)).toEqual(['detail']);
    model.say({ id: model.sent[0]?.id, body: {} });
    tell(0, 5);
    expect(model.sent).toHaveLength(2);
  });
});

it('refuses a series that is none without waiting on', async () => {
  const asked = feed.series({ metrics: ['loss'], x: '_step', bins: 64 });
  model.say({ id: model.sent[0]?.id, body: null }, [new ArrayBuffer(3)]);
  await expect(asked).rejects.toThrow('too short');
});

it.each([null, 7, 'x', [], { id: {} }, { id: 'nobody' }, { changed: true, ahead: 7 }, { changed: true, ahead: [null, {}] }])('lives through %j', said => {
  expect(() => model.say(said)).not.toThrow();
});
