import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { at, FIELDS, joinBins } from '../../src/charts/bins.js';
import { ema } from '../../src/charts/ema.js';
import { bySegment, type Stretch, stretchAt, withStretches } from '../../src/charts/segments.js';
import { scaleFor } from '../../src/charts/scales.js';
import { Source } from '../../src/charts/source.js';
import type { Series } from '../../src/wire/decode.js';
import type { SeriesQuery } from '../../src/wire/feed.js';
import { MemoryFeed, rowsOf } from './standin.js';

const ASKED = { x: '_step', ema: 0, bins: 64 };
const wave = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i / 7));

/** Answers when it is told to. */
class LateFeed extends MemoryFeed {
  override async series(query: SeriesQuery): Promise<Series> {
    const answer = await super.series(query);
    await new Promise<void>(done => this._waiting.push(done));
    return answer;
  }

  /** Give the oldest answer that is still to come. */
  async answer(): Promise<void> {
    await settled();
    this._waiting.shift()?.();
    await settled();
  }

  private readonly _waiting: (() => void)[] = [];
}

/** Wait until all answers have come. */
async function settled(): Promise<void> {
  for (let i = 0; i < 30; i += 1) {
    await Promise.resolve();
  }
}

function known(source: Source): Record<string, number[]> {
  const bins = joinBins(source.parts.map(part => part.bins));
  return Object.fromEntries(FIELDS.map(field => [field, [...bins[field]]]));
}

async function fresh(feed: MemoryFeed, bins = ASKED.bins): Promise<Record<string, number[]>> {
  const source = new Source(feed, 'loss', () => undefined);
  await source.ask({ ...ASKED, bins });
  return known(source);
}

describe('a line that grows', () => {
  test('however often it asked, it holds bins that are fresh', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 12 }), async pieces => {
        const feed = new MemoryFeed(rowsOf([], { isRunning: true }));
        const source = new Source(feed, 'loss', () => undefined);
        let n = 0;
        for (const piece of [0, ...pieces]) {
          n += piece;
          feed.rows = rowsOf(wave(n), { isRunning: true });
          await source.ask(ASKED);
        }
        const bins = known(source);
        const width = bins['size']![0]!;
        expect(bins['row']!.length).toBeLessThanOrEqual(2 * ASKED.bins);
        expect(bins).toEqual(await fresh(feed, Math.ceil(n / width)));
      }),
      { numRuns: 40 }
    );
  });

  test('only what was added is asked for', async () => {
    const feed = new MemoryFeed(rowsOf(wave(50), { isRunning: true }));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    feed.rows = rowsOf(wave(60), { isRunning: true });
    await source.ask(ASKED);
    expect(feed.asked.map(query => query.since)).toEqual([undefined, 49]);
  });

  test('when a run has ended, or has fewer rows than before, all is asked for again', async () => {
    const feed = new MemoryFeed(rowsOf(wave(50), { isRunning: true }));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    feed.rows = rowsOf(wave(20));
    await source.ask(ASKED);
    expect(feed.asked.map(query => query.since)).toEqual([undefined, 49, undefined]);
    expect(known(source)['row']).toHaveLength(20);
    expect(source.isRunning).toBe(false);
  });

  test('a failure is told, what was known stays, and the next answer mends it', async () => {
    const feed = new MemoryFeed(rowsOf(wave(5)));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    feed.isBroken = true;
    await source.ask(ASKED);
    expect([source.error, known(source)['row']!.length]).toEqual(['the server is gone', 5]);
    feed.isBroken = false;
    await source.ask(ASKED);
    expect(source.error).toBeNull();
  });

  test('questions while one is asked become one', async () => {
    const feed = new MemoryFeed(rowsOf(wave(5)));
    const source = new Source(feed, 'loss', () => undefined);
    await Promise.all(Array.from({ length: 10 }, () => source.ask(ASKED)));
    expect(feed.asked).toHaveLength(2);
  });

  test('the average of rows that are all known is not asked for', async () => {
    const feed = new MemoryFeed(rowsOf([1, 2, NaN, 4]));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    await source.ask({ ...ASKED, ema: 0.5 });
    expect(feed.asked.filter(query => query.since === undefined)).toHaveLength(1);
    const wanted = [...ema(Float64Array.of(1, 2, NaN, 4), 0.5)];
    expect(known(source)['ema']).toEqual(wanted);
  });

  test('a late answer for an older weight is dropped', async () => {
    const feed = new LateFeed(rowsOf(wave(2000)));
    const source = new Source(feed, 'loss', () => undefined);
    const asking = [source.ask({ ...ASKED, ema: 0.5 })];
    await feed.answer();
    asking.push(source.ask({ ...ASKED, ema: 0.6 }));
    const before = known(source)['ema'];
    asking.push(source.ask({ ...ASKED, ema: 0.7 }), source.ask({ ...ASKED, ema: 0.9 }));
    await feed.answer();
    expect(known(source)['ema']).toEqual(before);
    await feed.answer();
    await Promise.all(asking);
    expect(feed.asked.map(query => query.ema)).toEqual([0.5, 0.6, 0.9]);
    const expected = new Source(new MemoryFeed(feed.rows), 'loss', () => undefined);
    await expected.ask({ ...ASKED, ema: 0.9 });
    expect(known(source)['ema']).toEqual(known(expected)['ema']);
  });

  test('an answer that comes after the end is not taken in', async () => {
    const source = new Source(new MemoryFeed(rowsOf(wave(5))), 'loss', () => expect.fail('told'));
    const asking = source.ask(ASKED);
    source.dispose();
    await asking;
    expect(source.parts).toEqual([]);
  });
});

describe('detail', () => {
  test('a zoom asks for the rows in view until each is known, and the rest stays', async () => {
    const feed = new MemoryFeed(rowsOf(wave(10_000)));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    const before = known(source)['row']!.length;
    source.look({ x: scaleFor(1000, 1300, false), width: 600 });
    await settled();
    const [bins] = source.parts.map(part => part.bins);
    const raw = [...bins!.row].filter((_, i) => at(bins!.size, i) === 1);
    expect([raw[0]! <= 1000, raw.at(-1)! >= 1300]).toEqual([true, true]);
    expect(known(source)['count']!.reduce((a, b) => a + b)).toBe(10_000);
    expect(before).toBeLessThan(known(source)['row']!.length);
    const asked = feed.asked.length;
    source.look({ x: scaleFor(1000, 1300, false), width: 600 });
    expect(feed.asked).toHaveLength(asked);
  });

  test('what could not be had in detail is asked for at the next look, not by itself', async () => {
    let nTold = 0;
    const feed = new MemoryFeed(rowsOf(wave(1000)));
    const source = new Source(feed, 'loss', () => (nTold += 1));
    await source.ask(ASKED);
    feed.isBroken = true;
    source.look({ x: scaleFor(0, 1000, false), width: 600 });
    await settled();
    expect([feed.asked.length, nTold]).toEqual([2, 1]);
    feed.isBroken = false;
    source.look({ x: scaleFor(0, 1000, false), width: 600 });
    await settled();
    expect(known(source)['row']).toHaveLength(1000);
  });

  test('a run of many segments comes to an end', async () => {
    const stretches = Array.from({ length: 60 }, (_, i) => ({ row: 333 * i, segment: i, execution: null }));
    const feed = new MemoryFeed({ ...rowsOf(wave(20_000), { stretches }), x: wave(20_000).map((_, i) => i % 333) });
    const source = new Source(feed, 'loss', () => source.look({ x: scaleFor(0, 332, false), width: 600 }));
    await source.ask(ASKED);
    for (let i = 0; i < 20; i += 1) {
      await settled();
    }
    expect(feed.asked.length).toBeLessThan(60);
    expect(source.parts.slice(-12, -1).map(part => part.bins.count.reduce((a, b) => a + b))).toEqual(Array(11).fill(333));
  });

  test('bins that two segments share are asked for, so that each segment has its own', async () => {
    const stretches = [
      { row: 0, segment: 0, execution: 'a' },
      { row: 1001, segment: 1, execution: 'b' }
    ];
    const feed = new MemoryFeed(rowsOf(wave(2000), { stretches }));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    source.look({ x: scaleFor(0, 2000, false), width: 30 });
    await settled();
    expect(source.parts.map(part => part.bins.count.reduce((a, b) => a + b))).toEqual([1001, 999]);
  });

  test('the last bin of a run in progress is left to its tail', async () => {
    const feed = new MemoryFeed(rowsOf(wave(130), { isRunning: true }));
    const source = new Source(feed, 'loss', () => undefined);
    await source.ask(ASKED);
    source.look({ x: scaleFor(0, 130, false), width: 2000 });
    await settled();
    expect(feed.asked.at(-1)!.rows).toEqual([0, 128]);
    feed.rows = rowsOf(wave(140), { isRunning: true });
    await source.ask(ASKED);
    expect(known(source)['count']!.reduce((a, b) => a + b)).toBe(140);
  });

  test('steps and moments of rows are asked for once', async () => {
    const feed = new MemoryFeed(rowsOf(wave(10)));
    const source = new Source(feed, 'loss', () => undefined);
    const [one, other] = await Promise.all([source.when(4, 2), source.when(4, 2)]);
    expect(one).toEqual({ step: [4, 5], moment: [1_700_000_004, 1_700_000_005] });
    expect([one === other, feed.asked.length]).toEqual([true, 2]);
  });
});

describe('the moving average', () => {
  const numbers = fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(NaN, Infinity)));

  test('it is the weighted mean of all values so far', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 0.99, noNaN: true }), (values, weight) => {
        const finite: number[] = [];
        ema(Float64Array.from(values), weight).forEach((average, i) => {
          if (!Number.isFinite(values[i])) return expect(average).toBeNaN();
          finite.push(values[i]!);
          const weights = finite.map((_, k) => weight ** (finite.length - 1 - k));
          const mean = finite.reduce((sum, v, k) => sum + v * weights[k]!, 0) / weights.reduce((a, b) => a + b);
          expect(Math.abs(average - mean)).toBeLessThanOrEqual(1e-9 * (1 + 1e6));
        });
      })
    );
  });

  test('it begins with the first value and stays within the values', () => {
    expect([...ema(Float64Array.of(3, 3, 3), 0.9)].map(v => Number(v.toFixed(9)))).toEqual([3, 3, 3]);
  });
});

/** Tells of one stretch a bin at most, the last one, as the server does. */
class CoarseFeed extends MemoryFeed {
  override async series(query: SeriesQuery): Promise<Series> {
    const answer = await super.series(query);
    const { stretches, rows_per_bin: width } = answer.header;
    const last = new Map(stretches.map(one => [Math.floor(one.row / width), one]));
    return { ...answer, header: { ...answer.header, stretches: [...last.values()] } };
  }
}

test('who looks closer is told of stretches that were too short for the whole', async () => {
  const stretches = Array.from({ length: 640 }, (_, i) => ({ row: 10 * i, segment: 0, execution: `e${i}` }));
  const source = new Source(new CoarseFeed(rowsOf(wave(6400), { stretches })), 'loss', () => undefined);
  await source.ask(ASKED);
  const told = (): number => source.turns.filter(({ x }) => x >= 1000 && x <= 1100).length;
  expect(told()).toBeLessThan(3);
  source.look({ x: scaleFor(1000, 1100, false), width: 500 });
  await settled();
  expect(told()).toBe(11);
  expect(source.turns.find(({ x }) => x === 1050)?.execution).toBe('e105');
});

describe('stretches', () => {
  const one: Stretch[] = [{ row: 0, segment: 0, execution: 'a' }, { row: 10, segment: 1, execution: 'b' }];

  test('a row is of the stretch that began last', () => {
    expect([0, 9, 10, 99].map(row => stretchAt(one, row)?.execution)).toEqual(['a', 'a', 'b', 'b']);
    expect(stretchAt([], 3)).toBeNull();
  });

  test('later ones are taken in', () => {
    const more = [{ row: 10, segment: 1, execution: 'b' }, { row: 20, segment: 1, execution: 'c' }];
    expect(withStretches(one, more).map(({ row }) => row)).toEqual([0, 10, 20]);
  });

  test('no bin is lost or told twice when bins are cut into segments', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(99), { maxLength: 6 }), rows => {
        const stretches = rows.sort((a, b) => a - b).map((row, segment) => ({ row, segment, execution: null }));
        const bins = { ...joinBins([]) };
        for (const field of FIELDS) bins[field] = Float64Array.from({ length: 25 }, (_, i) => (field === 'row' ? 4 * i : 4));
        const { parts } = bySegment(bins, stretches);
        expect(parts.flatMap(part => [...part.bins.row])).toEqual([...bins.row]);
      })
    );
  });
});
