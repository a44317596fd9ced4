import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { english } from '../../src/run/words.js';
import { differingKeys, OFFERED, withOffered } from '../../src/sidebar/offered.js';

const of = (...configs: Record<string, unknown>[]): string[] => differingKeys(configs.map(config => ({ config })));

describe('config keys in which runs differ', () => {
  it('are those of which two runs have different values', () => {
    expect(of({ lr: 0.1, same: 1 }, { lr: 0.2, same: 1 }, { other: 1 })).toEqual(['lr']);
    expect(of({ lr: 0.1 })).toEqual([]);
    expect(of({ x: NaN }, { x: NaN })).toEqual([]);
    expect(of({ x: 1 }, { x: '1' })).toEqual(['x']);
    expect(of({ x: [64, 64], y: [1] }, { x: [64, 64], y: [2] })).toEqual(['y']);
  });

  it('stand as in the config, where pinned ones come first, three at most', () => {
    const first = { width: 1, z: 1, lr: 1, depth: 1 };
    expect(of(first, { width: 2, z: 2, lr: 2, depth: 2 })).toEqual(['width', 'z', 'lr']);
    expect(of(first, { depth: 2, width: 2, z: 2, lr: 2 })).toEqual(['depth', 'width', 'z']);
  });

  it('are read in a column', () => expect(of({ path: 'a'.repeat(30), lr: 1 }, { path: 'b', lr: 2 })).toEqual(['lr']));

  it('are called as in a filter', () => expect(of({ 'a\\.b': 1 }, { 'a\\.b': 2 })).toEqual(['a.b']));

  it('are the same in whatever order the runs stand', () => {
    const config = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom<unknown>(1, 2, 'x', null));
    const both = fc.array(config).chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(fc.property(both, ([all, shuffled]) => {
      expect(of(...shuffled)).toEqual(of(...all));
    }));
  });
});

describe('offered columns', () => {
  const made = (chosen: string[], differing: string[]): unknown[] =>
    withOffered(chosen, differing, [], english).map(({ key, label, isOffered = false }) => [key, label, isOffered]);

  it('stand where their choice does, with the ends of their names', () => {
    expect(made(['id', OFFERED, 'tags'], ['optim.lr', 'width'])).toEqual([
      ['id', 'Id', false],
      ['config.optim.lr', 'lr', true],
      ['config.width', 'width', true],
      ['tags', 'Tags', false]
    ]);
  });

  it('have whole names where ends are alike or say nothing', () => {
    expect(made([OFFERED], ['a.lr', 'b.lr'])).toEqual([['config.a.lr', 'a.lr', true], ['config.b.lr', 'b.lr', true]]);
    expect(made([OFFERED], ['optim.name'])).toEqual([['config.optim.name', 'optim.name', true]]);
  });

  it('do not say again what was chosen, and are none where they were not', () => {
    expect(made(['config.lr', OFFERED], ['lr'])).toEqual([['config.lr', 'lr', false]]);
    expect(made(['id'], ['lr'])).toEqual([['id', 'Id', false]]);
  });
});
