import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeSeries, parsePlain, WireError } from '../../src/wire/decode.js';
import { batched } from '../../src/wire/feed.js';
import { MemoryFeed, packed, reply, rowsOf } from './standin.js';

const QUERY = { metrics: ['loss'], x: '_step', bins: 100 };
const GOOD = reply(rowsOf([1, NaN, Infinity, 4]), 'loss', { ...QUERY, ema: 0.5 });

function withHeader(change: (header: Record<string, unknown>) => void): ArrayBuffer {
  const length = new DataView(GOOD).getUint32(0, true);
  const header: Record<string, unknown> = JSON.parse(new TextDecoder().decode(new Uint8Array(GOOD, 4, length)));
  change(header);
  return packed(JSON.stringify(header), [...new Float64Array(GOOD, 4 + length)]);
}

describe('the series of the wire', () => {
  test('arrays are views into the reply', () => {
    const { header, xFirst, metrics } = decodeSeries(GOOD);
    const loss = metrics.get('loss')!;
    expect(header.n_rows).toBe(4);
    expect([...xFirst]).toEqual([0, 1, 2, 3]);
    expect([...loss.first]).toEqual([1, NaN, NaN, 4]);
    expect([[...loss.n_nan], [...loss.n_pos_inf]]).toEqual([[0, 1, 0, 0], [0, 0, 1, 0]]);
    expect(loss.ema).not.toBeNull();
    expect(loss.first.buffer).toBe(GOOD);
  });

  test('a message may begin anywhere in its buffer', () => {
    const shifted = new Uint8Array(GOOD.byteLength + 3);
    shifted.set(new Uint8Array(GOOD), 3);
    const series = decodeSeries(new DataView(shifted.buffer, 3));
    expect([...series.metrics.get('loss')!.last]).toEqual([1, NaN, NaN, 4]);
  });

  test('a reply that is cut or changed anywhere is decoded or refused, nothing else', () => {
    fc.assert(
      fc.property(fc.nat(GOOD.byteLength), fc.nat(GOOD.byteLength - 1), fc.nat(255), (cut, at, byte) => {
        const bytes = new Uint8Array(GOOD.slice(0));
        bytes[at] = byte;
        for (const hostile of [bytes, bytes.slice(0, cut)]) {
          try {
            decodeSeries(hostile);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
      { numRuns: 500 }
    );
  });

  test.each([
    ['an offset outside', (h: any) => (h.metrics[0].arrays.max = 1e6)],
    ['a negative offset', (h: any) => (h.arrays.x_first = -1)],
    ['a fraction', (h: any) => (h.n_bins = 1.5)],
    ['more bins than numbers', (h: any) => (h.n_bins = 2 ** 40)],
    ['no power of two', (h: any) => (h.rows_per_bin = 3)],
    ['no metrics', (h: any) => delete h.metrics],
    ['a stretch without a row', (h: any) => (h.stretches = [{ segment: 0, execution: null }])]
  ])('%s is refused', (_, change) => {
    expect(() => decodeSeries(withHeader(change))).toThrow(WireError);
  });

  test.each([
    ['a length beyond the reply', [255, 255, 255, 255, 0, 0, 0, 0]],
    ['nothing', []],
    ['no JSON', [4, 0, 0, 0, 123, 123, 32, 32]],
    ['null', [4, 0, 0, 0, 110, 117, 108, 108]],
    ['numbers not at multiples of 8', [3, 0, 0, 0, 123, 125, 32]]
  ])('%s is refused, whatever it says', (_, bytes) => {
    expect(() => decodeSeries(new Uint8Array(bytes as number[]))).toThrow(WireError);
  });

  test('numbers that JSON lacks come back', () => {
    const text = '{"a": {"_type": "float", "value": "nan"}, "b": [{"_type": "float", "value": "-inf"}], "c": {"_type": "x"}}';
    expect(parsePlain(text)).toEqual({ a: NaN, b: [-Infinity], c: { _type: 'x' } });
  });
});

test('a key of a run that is called as ours is neither', () => {
  const text = '{"$_type": "float", "value": "nan", "a": {"$$_type": 1, "b": {"_type": "float", "value": "inf"}}}';
  expect(parsePlain(text)).toEqual({ _type: 'float', value: 'nan', a: { $_type: 1, b: Infinity } });
});

describe('a feed that asks once', () => {
  test('queries that differ in their metrics alone become one', async () => {
    const feed = new MemoryFeed(rowsOf([1, 2]));
    const one = batched(feed, 0);
    const answers = await Promise.all(['a', 'b'].map(metric => one.series({ ...QUERY, metrics: [metric] })));
    expect(feed.asked).toEqual([{ ...QUERY, metrics: ['a', 'b'] }]);
    expect(answers[0]).toBe(answers[1]);
  });

  test('a failure reaches all who asked', async () => {
    const feed = new MemoryFeed(rowsOf([1, 2]));
    feed.isBroken = true;
    await expect(batched(feed, 0).series(QUERY)).rejects.toThrow('the server is gone');
  });
});
