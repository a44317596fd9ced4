import { describe, expect, it } from 'vitest';

import { english } from '../../src/run/words.js';
import { DEFAULTS } from '../../src/sidebar/choices.js';
import { COLUMN_KEYS, columnOf, shortMetrics, type Column } from '../../src/sidebar/columns.js';
import { OFFERED, withOffered } from '../../src/sidebar/offered.js';
import { fitting, NAME_WIDTH, widthOf } from '../../src/sidebar/room.js';

const columnsOf = (keys: readonly string[]): Column[] =>
  keys.map(key => columnOf(key, [], english)).filter(column => column !== null);
const shown = (keys: readonly string[], width: number, more = {}): string[] =>
  fitting(columnsOf(keys), { width, isMixed: false, isLive: true, hasLeft: true, ...more }).map(column => column.key);

describe('columns', () => {
  it('are all shown while the width is not known', () => {
    expect(shown(COLUMN_KEYS, 0)).toEqual([...COLUMN_KEYS]);
  });

  it('give way to names, one after the other', () => {
    const keys = [...DEFAULTS.columns.filter(key => key !== OFFERED), 'created_at'];
    const widths = [NAME_WIDTH, 220, 250, 310, 360, 440, 600];
    const left = widths.map(width => keys.filter(key => !shown(keys, width).includes(key)));
    expect(left).toEqual([
      ['spark', 'left', 'rate', 'runtime', 'created_at'],
      ['spark', 'left', 'rate', 'runtime', 'created_at'],
      ['left', 'rate', 'runtime', 'created_at'],
      ['rate', 'runtime', 'created_at'],
      ['runtime', 'created_at'],
      ['created_at'],
      []
    ]);
  });

  it('of runs that go on give way first where none does', () => {
    expect(shown(DEFAULTS.columns, 320, { isLive: false, hasLeft: false })).toEqual(['spark', 'value', 'runtime']);
  });

  it('of a time that is left are none where no run has one', () => {
    expect(shown(DEFAULTS.columns, 0, { hasLeft: false })).toEqual(['spark', 'value', 'rate', 'runtime']);
  });

  it('that are offered come after the curve and before the rest, as many as there is room for', () => {
    const columns = withOffered(DEFAULTS.columns, ['lr', 'width', 'depth'], [], english);
    const at = (width: number): string[] =>
      fitting(columns, { width, isMixed: false, isLive: true, hasLeft: true }).map(column => column.key);
    expect([240, 320, 360, 500].map(at)).toEqual([
      ['spark', 'value'],
      ['spark', 'value', 'config.lr'],
      ['spark', 'value', 'config.lr', 'config.width'],
      ['spark', 'value', 'config.lr', 'config.width', 'config.depth', 'left']
    ]);
  });

  it('that somebody asked for stay, and the list is scrolled', () => {
    expect(shown(['spark', 'runtime', 'config.lr', 'tags'], 210)).toEqual(['config.lr', 'tags']);
    expect(widthOf(columnsOf(['config.lr', 'tags']), false)).toBeGreaterThan(210);
  });

  it('stay in their order', () => expect(shown(['runtime', 'spark', 'value'], 500)).toEqual(['runtime', 'spark', 'value']));
});

describe('the metric of a value', () => {
  it.each([
    [['train/a/loss', 'acc', 'a/', '/'], ['loss', 'acc', 'a/', '/']],
    [['train/loss', 'val/loss', 'acc'], ['train/loss', 'val/loss', 'acc']],
    [[], []]
  ])('of %j is told from others by %j', (names, shown) => {
    expect([...shortMetrics(names).values()]).toEqual(shown);
  });
});
