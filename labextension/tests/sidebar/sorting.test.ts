import { expect, it } from 'vitest';

import { english } from '../../src/run/words.js';
import { holdsTexts } from '../../src/sidebar/columns.js';
import { orderText, orderWhenPressed } from '../../src/sidebar/sorting.js';

it.each([
  ['-created_at', 'newest first'],
  ['+created_at', 'oldest first'],
  ['+summary_metrics.loss', 'loss, smallest first'],
  ['-config.optim.lr', 'optim.lr, largest first'],
  ['-runtime', 'Time, longest first'],
  ['+display_name', 'Run, A to Z'],
  ['-state', 'State, Z to A'],
  ['-n_rows', 'Rows, largest first']
])('the order %s is called %j', (order, text) => expect(orderText(order, english)).toBe(text));

it('a head that is pressed sorts by it, and the other way when it is pressed again', () => {
  const pressed = (field: string, order: string): string => orderWhenPressed(field, order);
  expect(pressed('runtime', '-created_at')).toBe('-runtime');
  expect(pressed('runtime', '-runtime')).toBe('+runtime');
  expect(pressed('display_name', '-created_at')).toBe('+display_name');
  expect(pressed('display_name', '+display_name')).toBe('-display_name');
});

it('a field of texts goes from A to Z, and from A when it is pressed first', () => {
  const isText = (field: string): boolean => field === 'config.optim';
  expect(orderText('-config.optim', english, isText)).toBe('optim, Z to A');
  expect(orderText('+config.optim', english, isText)).toBe('optim, A to Z');
  expect(orderText('-config.lr', english, isText)).toBe('lr, largest first');
  expect(orderWhenPressed('config.optim', '-created_at', isText)).toBe('+config.optim');
});

it('a field is of texts if all runs that have it have texts there', () => {
  const rows = [
    { config: { optim: 'sgd', mixed: 'a', 'a\\.b': 'x' }, summary: { note: 'x' } },
    { config: { mixed: 1, none: null }, summary: {} }
  ];
  const fields = ['config.optim', 'config.a.b', 'summary_metrics.note', 'config.mixed', 'config.none', 'config.gone', 'runtime'];
  expect(fields.filter(field => holdsTexts(field, rows))).toEqual(['config.optim', 'config.a.b', 'summary_metrics.note']);
});
