import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { mountRun, type Shown } from '../../src/run/index.js';
import { HandFeed, metricOf, runOf } from '../runs.js';

let host: HTMLElement;
let feed: HandFeed;
let shown: Shown | null;

beforeEach(() => {
  vi.useFakeTimers();
  host = document.createElement('div');
  document.body.append(host);
  feed = new HandFeed();
  shown = null;
});
afterEach(() => {
  shown?.dispose();
  host.remove();
  vi.useRealTimers();
});

async function show(): Promise<void> {
  shown = mountRun(host, feed);
  await vi.advanceTimersByTimeAsync(600);
}

async function change(): Promise<void> {
  feed.change();
  await vi.advanceTimersByTimeAsync(600);
}

const text = (selector: string): string => host.querySelector(selector)?.textContent ?? '';

/** A run that is at its step 100. */
const going = runOf({ last_step: 100, n_rows: 101, runtime_s: 60, metrics: [metricOf('loss')] });

/** Ten steps a second, from so many seconds after the begin. */
function rowsFrom(begin: number, n: number): NonNullable<HandFeed['rows']> {
  return { times: Array.from({ length: n }, (_, i) => begin + i / 10), stretches: [{ row: 0, segment: 0, execution: null }] };
}

describe('the header', () => {
  it('says the name, the state in words, and how long', async () => {
    feed.run = runOf({ state: 'finished', runtime_s: 3725 });
    await show();
    expect(['.nbt-name', '.nbt-state', '.nbt-clock'].map(text)).toEqual(['calm-river', 'finished', '1 h 02 min']);
  });

  it('has a clock that goes on while the run does', async () => {
    await show();
    await vi.advanceTimersByTimeAsync(5000);
    expect(text('.nbt-clock')).toMatch(/^1[67] s$/);
  });

  it('says how fast the run goes and what is left, to nobody who did not look', async () => {
    feed.run = { ...going, config: { total_steps: 2001 } };
    feed.rows = rowsFrom(50, 101);
    await show();
    expect(text('.nbt-progress')).toBe('10 steps/s · 3 min left');
    expect(host.querySelector('.nbt-progress')?.closest('[role=status], [aria-live]')).toBeNull();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(text('.nbt-progress')).toBe('idle for 2 min');
    feed.run = runOf({ state: 'finished', last_step: 2000, n_rows: 2001 });
    await change();
    expect(host.querySelector<HTMLElement>('.nbt-progress')?.hidden).toBe(true);
  });

  it('counts from the first row, however long the run took to come to it', async () => {
    feed.run = { ...going, runtime_s: 3600 };
    feed.rows = rowsFrom(3590, 101);
    await show();
    expect(text('.nbt-progress')).toBe('10 steps/s');
  });

  it('counts from where a run was gone on with', async () => {
    feed.run = { ...going, runtime_s: 3600 };
    feed.rows = { ...rowsFrom(3590, 101), stretches: [{ row: 0, segment: 0, execution: null }, { row: 50, segment: 1, execution: null }] };
    feed.rows.times.fill(7, 0, 50);
    await show();
    expect(text('.nbt-progress')).toBe('10 steps/s');
  });

  it('says that a run is idle to who comes late', async () => {
    feed.run = { ...going, runtime_s: 3600 };
    feed.rows = rowsFrom(50, 101);
    await show();
    expect(text('.nbt-progress')).toBe('idle for 59 min');
  });

  it('guesses nothing while it does not know when the first row came', async () => {
    feed.run = going;
    feed.series = () => new Promise(() => undefined);
    await show();
    expect(host.querySelector<HTMLElement>('.nbt-progress')?.hidden).toBe(true);
  });

  it('says a change of the state to who cannot see it', async () => {
    await show();
    feed.run = runOf({ state: 'failed', error: 'ValueError: nan' });
    await change();
    expect(text('[role=status]')).toBe('calm-river is failed now.');
    expect(text('.nbt-trouble')).toBe('ValueError: nan');
  });
});
