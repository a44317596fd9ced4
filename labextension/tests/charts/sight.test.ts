import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { scaleFor } from '../../src/charts/scales.js';
import type { Scene } from '../../src/charts/scene.js';
import { Sight } from '../../src/charts/sight.js';
import { actionOf, ALL, hull, type Views, within } from '../../src/charts/view.js';

/** A sight of a scene with x from 0 to 100 and y from 0 to 10. */
function sight(isLog = false): { sight: Sight; seen: () => Views } {
  const made = new Sight(
    (): Scene => {
      const { x, y } = made.views;
      const whole = scaleFor(0, 100, false);
      const fitting = scaleFor(isLog ? 1e-12 : 0, 10, isLog);
      const chosen = y === null ? fitting : scaleFor(...y, isLog);
      const of = { lines: [], of: '_step', isYChosen: y !== null, ema: 0 };
      return { ...of, whole, x: x === null ? whole : scaleFor(...x, false), wholeY: hull(fitting, chosen), y: chosen };
    },
    () => undefined
  );
  return { sight: made, seen: () => made.views };
}

describe('what is seen', () => {
  test('a box zooms both axes, a stripe one of them', () => {
    const { sight: one, seen } = sight();
    one.select([0.2, 0.4], null);
    expect(seen()).toEqual({ x: [20, 40], y: null });
    one.select(null, [0.5, 0.6]);
    expect(seen()).toEqual({ x: [20, 40], y: [5, 6] });
    one.select([0.5, 1], [0, 0.5]);
    expect(seen()).toEqual({ x: [30, 40], y: [5, 5.5] });
    one.reset();
    expect([seen(), one.isWhole]).toEqual([ALL, true]);
  });

  test('what is zoomed moves up to its ends; what is not stays', () => {
    const { sight: one, seen } = sight();
    one.pan(0.5, 0.5);
    expect(seen()).toEqual(ALL);
    one.select(null, [0.5, 0.6]);
    one.pan(0.5, 0.5);
    expect(seen()).toEqual({ x: null, y: [5.5, 6.5] });
    one.pan(0, Infinity);
    expect(seen()).toEqual({ x: null, y: [9, 10] });
  });

  test.each([
    ['y', false, { x: null, y: [2.5, 7.5] }],
    ['Y', true, ALL],
    ['+', true, { x: [25, 75], y: null }],
    ['Home', false, ALL],
    ['Escape', false, ALL]
  ] as const)('the key %s', (key, isShifted, expected) => {
    const { sight: one, seen } = sight();
    one.act(actionOf(key, isShifted, false) as never);
    expect(seen()).toEqual(expected);
  });

  test('keys zoom y in, move it, zoom it out, and show all of both', () => {
    const { sight: one, seen } = sight();
    const press = (key: string, isShifted = false): void => one.act(actionOf(key, isShifted, false) as never);
    press('y');
    press('ArrowUp', true);
    expect(seen().y).toEqual([3.5, 8.5]);
    press('Y', true);
    press('Y', true);
    expect(seen()).toEqual(ALL);
    for (const key of ['y', '+', 'Home']) press(key);
    expect(seen()).toEqual(ALL);
  });

  test('arrow keys up and down alone are left to the page', () => {
    expect([actionOf('ArrowUp', false, false), actionOf('ArrowDown', false, false)]).toEqual([null, null]);
  });

  test('zooming y out again shows all, whatever was seen', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(place, place, fc.boolean(), (from, to, isLog) => {
        const { sight: one, seen } = sight(isLog);
        one.select(null, [Math.min(from, to), Math.max(from, to)]);
        for (let i = 0; i < 80 && seen().y !== null; i += 1) one.zoom('y', 2);
        expect(seen()).toEqual(ALL);
      })
    );
  });

  test('a log axis is zoomed where its numbers are tiny', () => {
    const whole = scaleFor(1e-12, 10, true);
    const seen = within(whole, whole, 0, 0.1);
    expect(seen?.[1]).toBeCloseTo(1e-12 * 10 ** 1.3, 15);
    expect(seen?.[1]).toBeLessThan(1e-10);
  });
});
