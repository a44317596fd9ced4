import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { complete, corrections } from '../../src/sidebar/completion.js';
import { distance, nearestTo } from '../../src/sidebar/nearest.js';
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

  it('leaves filters in braces alone', () => expect([texts('{"con'), corrections('{"con', FIELDS)]).toEqual([[], []]));
});

describe('corrections of a filter', () => {
  it('are of conditions on what is no field, wherever they stand', () => {
    const filter = 'digits name="a b" confg.lr<0.1 state=finished';
    const made = corrections(filter, FIELDS).map(({ text, from, to }) => filter.slice(0, from) + text + filter.slice(to));
    expect(made).toEqual(['digits name="a b" config.lr<0.1 state=finished']);
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

  it('has the nearest come first', () => {
    expect(nearestTo('lss', ['lost', 'mass', 'loss', 'far away'])).toEqual(['loss']);
    expect(nearestTo('config.l', ['config.l2', 'config.lr', 'config.lambda'])).toEqual(['config.l2', 'config.lr']);
  });
});
