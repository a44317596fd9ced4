import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DEFAULTS, readKept } from '../../src/sidebar/choices.js';
import { byInterest, columnOf } from '../../src/sidebar/columns.js';
import { keyOf, Lines } from '../../src/sidebar/lines.js';
import type { Section } from '../../src/sidebar/sections.js';
import { SPARK, sparkPath } from '../../src/sidebar/sparkline.js';
import { isUnfinished } from '../../src/sidebar/unfinished.js';
import { english } from '../../src/run/words.js';
import { rowsOf } from './rows.js';

describe('a sparkline', () => {
  it('has gaps where there are no numbers, and a dot for a number alone', () => {
    expect(sparkPath([1, null, 2, Infinity, 3]).match(/M/g)).toHaveLength(3);
    expect(sparkPath([null, NaN])).toBe('');
  });

  it('stays inside of its box', () => {
    const isInside = (numbers: (number | null)[]): boolean =>
      [...sparkPath(numbers).matchAll(/[ML](\S+) ([^hML]+)/g)].every(([, x, y]) => {
        const [right, down] = [Number(x), Number(y)];
        return right >= 0 && right <= SPARK.width && down >= 0 && down <= SPARK.height;
      });
    fc.assert(fc.property(fc.array(fc.option(fc.double())), isInside));
  });
});

describe('lines', () => {
  const section = (key: string, n_runs: number): Section => ({
    key,
    name: key,
    n_runs,
    rows: rowsOf(n_runs, [key])
  });

  it('are numbered without gaps, whatever is folded', () => {
    const given = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()));
    fc.assert(fc.property(given, sizes => {
      const folded = new Set(sizes.flatMap(([, isFolded], i) => (isFolded ? [`s${i}`] : [])));
      const lines = new Lines(sizes.map(([n], i) => section(`s${i}`, n)), folded, true);
      const wanted = sizes.flatMap(([n, isFolded], i) => [
        `section:s${i}`,
        ...Array.from({ length: isFolded ? 0 : n }, (_, index) => `s${i}/r${index}`)
      ]);
      const found = Array.from({ length: lines.length + 1 }, (_, line) => lines.at(line));
      expect(found.map(line => line && keyOf(line))).toEqual([...wanted, undefined]);
      expect(wanted.map(key => lines.find(key))).toEqual(wanted.map((_, line) => line));
    }));
  });

  it('say which rows stand on them', () => {
    const lines = new Lines([section('a', 3), section('b', 3)], new Set(), true);
    expect(lines.parts(2, 6).map(({ section: { key }, from, to }) => [key, from, to])).toEqual([
      ['a', 1, 3],
      ['b', 0, 1]
    ]);
  });
});

describe('what was kept', () => {
  it('is read whatever it is', () => {
    fc.assert(fc.property(fc.anything(), said => {
      const { choices } = readKept(said);
      expect(Object.keys(choices).sort()).toEqual(Object.keys(DEFAULTS).sort());
    }));
  });

  it('comes back', () => {
    const kept = {
      choices: { ...DEFAULTS, filter: 'x', group: 'none' as const, store: '0123456789abcdef' },
      selected: ['a/b'],
      collapsed: ['"a"'],
      scroll: 7
    };
    expect(readKept(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it('names no store by its path', () => {
    expect(readKept({ choices: { store: '/etc' } }).choices.store).toBe('default');
  });
});

describe('a column', () => {
  it('of values is of the first metric that a run has', () => {
    const [row] = rowsOf(1);
    const column = columnOf('value', byInterest(['acc', 'val/loss', 'lr']), english);
    const of = (summary: Record<string, unknown>): unknown[] => {
      const run = { ...(row as NonNullable<typeof row>), summary };
      return [column?.title?.(run), column?.text(run)];
    };
    expect([of({ acc: 1, 'val/loss': 2 }), of({ acc: 1 }), of({})]).toEqual([['val/loss', '2'], ['acc', '1'], ['', '']]);
  });

  it('shows few digits, and words for what is no number', () => {
    const [row] = rowsOf(1);
    const shown = (value: unknown): string | undefined =>
      columnOf('summary.x', [], english)?.text({ ...(row as NonNullable<typeof row>), summary: { x: value } });
    expect([0.123456, 12345678, NaN, 'text', null, undefined].map(shown)).toEqual([
      '0.123', '12345678', 'NaN', 'text', 'null', ''
    ]);
  });

  it.each(['other.x', 'config.', 'x', 'spar'])('%s is none', key => expect(columnOf(key, [], english)).toBeNull());
});

describe('a filter', () => {
  it.each(['a=', 'a = ', 'x config.lr<', 'a!', 'name~', 'name="a', "it's", '{"a": {"$lt"', '{"a": 1', '(', '{"a": "}'])(
    'is unfinished: %s',
    text => expect(isUnfinished(text)).toBe(true)
  );

  it.each(['', 'digits', 'a<1', 'a=""', "name='it\\'s'", 'name="a=" ', '{"a": {"$lt": 1}}', 'a)', 'name="{"'])(
    'is finished: %s',
    text => expect(isUnfinished(text)).toBe(false)
  );
});
