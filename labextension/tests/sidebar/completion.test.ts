import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { complete, corrections } from '../../src/sidebar/completion.js';
import { distance, lowered, MAX_COMPARED, nearestTo } from '../../src/sidebar/nearest.js';
import type { Fields } from '../../src/wire/types.js';

const FIELDS: Fields = {
  config: ['lr', 'optim.name', 'a key', 'state'],
  summary: ['loss', 'val/acc'],
  metrics: ['loss'],
  tags: ['good', 'very good', 'say "x"', '12'],
  projects: ['digits', 'my project'],
  groups: []
};

const texts = (filter: string, caret = filter.length): string[] =>
  complete(filter, caret, FIELDS).map(one => one.text);

describe('completion of a filter', () => {
  it('offers fields, those that begin with the word first', () => {
    expect(texts('config.')).toEqual(['config.lr', 'config.optim.name', 'config.state']);
    expect(texts('display_name=x co')).toEqual(['config.lr', 'config.optim.name', 'config.state']);
  });

  it('offers what is in config and summary by its name alone, too', () => {
    expect(texts('lo')).toEqual(['loss', 'summary.loss']);
    expect(texts('acc')).toEqual(['summary.val/acc', 'val/acc']);
    // A run has a state of its own.
    expect(texts('stat').filter(text => text === 'state')).toHaveLength(1);
  });

  it('offers states alone', () => expect(texts('runn')[0]).toBe('running'));

  it('offers projects for a word alone', () => expect(texts('dig')).toEqual(['digits']));

  it('offers values, quoted where they must be', () => {
    expect(texts('tags=')).toEqual(['tags=good', 'tags="very good"', 'tags="say \\"x\\""', 'tags="12"']);
    expect(texts('state=fi')).toEqual(['state=finished']);
  });

  it('offers what is near to a name that is none, with the rest of its condition', () => {
    expect(texts('sumary.los')).toEqual(['summary.loss']);
    expect(texts('x confg.lr<0.1')).toEqual(['config.lr<0.1']);
    expect(texts('lss<0.5')).toEqual(['loss<0.5']);
    expect(texts('summary_metrics.loss<0.5')).toEqual([]);
    expect(texts('nothing-like-it<0.5')).toEqual([]);
  });

  it('replaces the word at the caret and nothing else', () => {
    expect(complete('stat tags=good', 2, FIELDS)[0]).toEqual({ text: 'state', from: 0, to: 4 });
  });

  it('replaces the whole word, with what is in quotes', () => {
    const completed = (filter: string, text = filter.replace('|', '')): string | undefined => {
      const [made] = complete(text, filter.indexOf('|'), FIELDS);
      return made && text.slice(0, made.from) + made.text + text.slice(made.to);
    };
    expect(completed('tags="very| good" x')).toBe('tags="very good" x');
    expect(completed('tags="sa|y \\"x\\"" x')).toBe('tags="say \\"x\\"" x');
    expect(completed('stat|="very good" x')).toBe('state x');
    expect(completed("x tags='very |bad' y")).toBe('x tags="very good" y');
    // What is not closed goes on to the end; only the word is meant.
    expect(completed('tags="very| lr<1')).toBe('tags="very good" lr<1');
  });

  it('reads the names of a store once, however often it is asked', () => {
    let n = 0;
    const fields = { ...FIELDS };
    Object.defineProperty(fields, 'config', { get: () => ((n += 1), FIELDS.config) });
    complete('con', 3, fields);
    const first = n;
    ['', 'c', 'confg.l', 'confg.lr<0.1'].forEach(text => complete(text, text.length, fields));
    corrections('confg.lr<0.1 sumary.loss<1', fields);
    expect([first > 0, n]).toEqual([true, first]);
  });

  it('leaves filters in braces alone', () => expect([texts('{"con'), corrections('{"con', FIELDS)]).toEqual([[], []]));
});

describe('corrections of a filter', () => {
  it('are of conditions on what is no field, wherever they stand', () => {
    const filter = 'digits name="a b" confg.lr<0.1 state=finished';
    const made = corrections(filter, FIELDS).map(({ text, from, to }) => filter.slice(0, from) + text + filter.slice(to));
    expect(made).toEqual(['digits name="a b" config.lr<0.1 state=finished']);
  });

  it('are of the first three', () => {
    const all = 'confg.lr<1 sumary.loss<1 lss<1 stat=1 lss>2';
    expect(new Set(corrections(all, FIELDS).map(({ from }) => all.slice(from).split(' ')[0]))).toEqual(
      new Set(['confg.lr<1', 'sumary.loss<1', 'lss<1'])
    );
  });

  it('leave words alone that have no operator', () => expect(corrections('confg.lr', FIELDS)).toEqual([]));
});

describe('the distance of names', () => {
  const name = fc.string({ maxLength: 12 });

  it('is that of a typing error', () => {
    expect(['loss', 'los', 'lsos', 'lass', 'closs'].map(one => distance(one, 'loss'))).toEqual([0, 1, 1, 1, 1]);
  });

  it('is the same both ways, and none between equals alone', () => {
    fc.assert(fc.property(name, name, (one, other) => {
      expect(distance(one, other)).toBe(distance(other, one));
      expect(distance(one, other) === 0).toBe(one === other);
      expect(distance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
    }));
  });

  it('is given up when it is more than is asked for', () => {
    fc.assert(fc.property(name, name, fc.nat(6), (one, other, most) => {
      const far = distance(one, other);
      expect(distance(one, other, most)).toBe(far <= most ? far : Infinity);
    }));
  });

  it('is that of the three nearest, as if all were measured', () => {
    const some = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 9 });
    fc.assert(fc.property(some, fc.uniqueArray(some), (wanted, names) => {
      const most = Math.max(1, Math.floor(wanted.length / 3));
      const all = names.map(one => ({ one, far: distance(wanted, one) })).filter(({ far }) => far <= most);
      const nearest = all.sort((a, b) => a.far - b.far).slice(0, 3).map(({ one }) => one);
      expect(nearestTo(wanted, lowered(names))).toEqual(nearest);
    }));
  });

  it('is not measured for any number of names', () => {
    const others = Array.from({ length: MAX_COMPARED }, (_, i) => `w${String(i).padStart(5, '0')}`);
    expect(nearestTo('lossse', lowered([...others.slice(1), 'losses']))).toEqual(['losses']);
    expect(nearestTo('lossse', lowered([...others, 'losses']))).toEqual([]);
  });

  it('has the nearest come first', () => {
    expect(nearestTo('lss', lowered(['lost', 'mass', 'loss', 'far away']))).toEqual(['loss']);
    expect(nearestTo('config.l', lowered(['config.l2', 'config.lr', 'config.lambda']))).toEqual(['config.l2', 'config.lr']);
  });
});
