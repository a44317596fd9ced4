import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CommFeed, type Model } from '../../src/wire/commFeed.js';

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

it('tells changes until it is disposed, and leaves nothing at the model', () => {
  const listener = vi.fn();
  feed.listen(listener);
  model.say({ changed: true });
  feed.dispose();
  model.say({ changed: true });
  expect(listener).toHaveBeenCalledTimes(1);
  expect(model.listeners.size).toBe(0);
});

it.each([null, 7, 'x', [], { id: {} }, { id: 'nobody' }])('lives through %j', said => {
  expect(() => model.say(said)).not.toThrow();
});
