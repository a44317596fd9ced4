import { expect, it } from 'vitest';

import { english } from '../../src/run/words.js';
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
