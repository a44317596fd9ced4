import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Speed, totalSteps, type Going, type Progress } from '../../src/run/progress.js';
import { english, progressText, rateText, roughly } from '../../src/run/words.js';
import { runOf } from '../runs.js';

const going = (changes: Partial<Going>): Going => runOf({ n_rows: 100, ...changes });

/** Sees a run at moments, in seconds, and says how it gets on at the last of them or later. */
function seen(looks: readonly (readonly [at_s: number, run: Partial<Going>])[], later_s = 0): Progress {
  const speed = new Speed();
  looks.forEach(([at_s, run]) => speed.see(going(run), at_s * 1000));
  const [at_s, run] = looks.at(-1) as (typeof looks)[number];
  return speed.at(going(run), (at_s + later_s) * 1000);
}

/** A look each second at a run of so many steps a second. */
const steady = (rate: number, seconds: number): [number, Partial<Going>][] =>
  Array.from({ length: seconds }, (_, i) => [
    i, { last_step: 10 + i * rate, changed_at: 1000 + i, runtime_s: 5000, n_rows: 10 + i * rate }
  ]);

describe('the rate of a run', () => {
  it('is that of the whole run at first, and then what was seen', () => {
    expect(seen([[0, { last_step: 500, runtime_s: 100 }]]).rate).toBe(5);
    expect(seen(steady(20, 10)).rate).toBeCloseTo(20);
  });

  it('follows a change, and does not jump', () => {
    const slower = Array.from({ length: 15 }, (_, i): [number, Partial<Going>] => [
      30 + i, { last_step: 590 + 2 * (i + 1), changed_at: 1030 + i, runtime_s: 5000 }
    ]);
    const looks = [...steady(20, 30), ...slower];
    expect(seen(looks.slice(0, 31)).rate).toBeGreaterThan(15);
    expect(seen(looks).rate).toBeLessThan(10);
  });

  it('is of the time at which rows were made, not of that at which they were seen', () => {
    const looks: [number, Partial<Going>][] = [
      [0, { last_step: 100, changed_at: 1000 }], [1, { last_step: 200, changed_at: 1010 }]
    ];
    expect(seen(looks).rate).toBe(10);
  });

  it('does not count a sign of life as a step', () => {
    const speed = new Speed();
    [[0, 100, 1000], [5, 100, 1005], [10, 200, 1010]].forEach(([at = 0, last_step = 0, changed_at = 0]) =>
      speed.see(going({ last_step, changed_at }), at * 1000)
    );
    expect(speed.at(going({ last_step: 200 }), 10_000).rate).toBe(10);
  });

  it('falls when nothing comes, and is none after long', () => {
    const looks = steady(20, 10);
    expect(seen(looks, 1).rate).toBeCloseTo(20);
    expect(seen(looks, 30).rate).toBeLessThan(10);
    expect(seen(looks, 61)).toEqual({ rate: null, left_s: null, silent_s: 61 });
  });

  it('waits longer for a run of long steps', () => {
    const slow = (at: number): [number, Partial<Going>] => [
      at, { last_step: 5 + at / 100, n_rows: 6, changed_at: 1000 + at, runtime_s: 600 }
    ];
    expect(seen([slow(0), slow(100), slow(200)], 400).silent_s).toBeNull();
    expect(seen([slow(0), slow(100), slow(200)], 600).silent_s).toBe(600);
  });

  it('begins anew when a run goes back', () => {
    expect(seen([...steady(20, 10), [10, { last_step: 50, changed_at: 1010, runtime_s: 10 }]]).rate).toBe(5);
  });

  it('of an ended run is its average, and nothing is left', () => {
    const ended = { state: 'finished' as const, last_step: 100, runtime_s: 50, config: { steps: 1000 } };
    expect(seen([[0, ended]], 1000)).toEqual({ rate: 2, left_s: null, silent_s: null });
  });

  it('of a run that ended at once says nothing', () => {
    expect(seen([[0, { state: 'finished', last_step: 100, runtime_s: 0.01 }]]).rate).toBeNull();
  });

  it.each([{ n_rows: 0 }, { last_step: 0 }, { runtime_s: 0 }, { runtime_s: NaN }])('is none for %j', changes => {
    expect(seen([[0, { last_step: 5, ...changes }]]).rate).toBeNull();
  });

  it('is no nonsense, whatever is seen', () => {
    const look = fc.record({
      last_step: fc.integer({ min: -1, max: 1e9 }),
      changed_at: fc.option(fc.double({ min: 0, max: 2e9, noNaN: true })),
      runtime_s: fc.double({ min: 0, max: 1e9, noNaN: true }),
      config: fc.constantFrom({}, { steps: 2e9 })
    });
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(1e6), look), { minLength: 1 }), fc.nat(1e5), (looks, later) => {
      const { rate, left_s } = seen([...looks].sort(([a], [b]) => a - b), later);
      for (const found of [rate, left_s]) {
        expect(found === null || (found >= 0 && Number.isFinite(found))).toBe(true);
      }
    }));
  });
});

describe('the time that is left', () => {
  it('is that to the total, and shrinks while nothing comes yet', () => {
    const looks = steady(20, 11).map(([at, run]): [number, Partial<Going>] => [at, { ...run, config: { max_steps: 1211 } }]);
    expect(seen(looks).left_s).toBeCloseTo(50);
    expect(seen(looks, 2).left_s).toBeCloseTo(48);
  });

  it.each([
    [{}, null],
    [{ steps: 100, total_steps: 200 }, 200],
    [{ 'train.max_steps': 300, steps: 100 }, 300],
    [{ 'a.steps': 5000, steps: 100 }, 100],
    [{ max_steps: -1, num_steps: 70 }, 70],
    [{ total_steps: '100', n_steps: true, steps: NaN, num_train_steps: Infinity }, null],
    [{ 'my\\.steps': 100, warmup_steps: 100 }, null],
    [{ steps: 51 }, null],
    [{ steps: 52 }, 52]
  ])('of %j after step 50 is to %j', (config, total) => {
    expect(totalSteps({ config, last_step: 50 })).toBe(total);
  });
});

describe('progress in words', () => {
  it.each([
    [{ rate: 12.345, left_s: 185, silent_s: null }, '12.3 steps/s · 3 min left'],
    [{ rate: 1234.5, left_s: null, silent_s: null }, '1235 steps/s'],
    [{ rate: 0.02, left_s: 7500, silent_s: null }, '50 s a step · 2 h 05 min left'],
    [{ rate: null, left_s: null, silent_s: 300 }, 'idle for 5 min'],
    [{ rate: null, left_s: null, silent_s: null }, '']
  ])('%j', (progress, text) => expect(progressText(progress, english)).toBe(text));

  it('is rounded', () => {
    expect([0.4, 59.5, 60, 3599, 90_000, NaN].map(roughly)).toEqual(['1 s', '60 s', '1 min', '1 h 00 min', '1 d 1 h', '–']);
    expect([0.01234, 99.96, 100.4].map(rateText)).toEqual(['0.0123', '100', '100']);
  });
});
