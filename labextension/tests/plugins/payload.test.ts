import { expect, it } from 'vitest';

import { readPayload } from '../../src/plugins/payload.js';

const GOOD = { version: 1, store: '0123456789abcdef', runs: ['p/a'], height: 300, title: 'T' };

it('is read as it was written', () => {
  expect(readPayload(GOOD)).toEqual({
    store: '0123456789abcdef',
    runs: [{ project: 'p', id: 'a' }],
    height: 300,
    title: 'T',
    hidden: false
  });
});

it.each([
  null,
  7,
  'text',
  [],
  {},
  { ...GOOD, version: 2 },
  { ...GOOD, store: '../../etc' },
  { ...GOOD, store: ['default'] },
  { ...GOOD, runs: [] },
  { ...GOOD, runs: 'p/a' },
  { ...GOOD, runs: ['p/a', '../..'] },
  { ...GOOD, runs: ['<img src=x onerror=alert(1)>/a/b'] },
  { ...GOOD, runs: Array(51).fill('p/a') }
])('is refused with a sentence: %j', data => {
  expect(readPayload(data)).toBeTypeOf('string');
});

it.each([
  [1e9, 2000],
  [-5, 40],
  [40, 40],
  [NaN, 420],
  ['100%; background: url(x)', 420],
  [undefined, 420]
])('has a height that a page can bear: %j', (height, expected) => {
  expect(readPayload({ ...GOOD, height })).toMatchObject({ height: expected });
});

it('takes no title but text, and not more than a line of it', () => {
  expect(readPayload({ ...GOOD, title: { toString: 'x' } })).toMatchObject({ title: null });
  expect(readPayload({ ...GOOD, title: 'x'.repeat(1e6) })).toMatchObject({ title: 'x'.repeat(120) });
});
