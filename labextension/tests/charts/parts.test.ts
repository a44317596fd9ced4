import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { xTicks } from '../../src/charts/axes.js';
import { recalled, remember } from '../../src/charts/choices.js';
import { csvCell } from '../../src/charts/csv.js';
import { formatCount, formatDuration, formatMoment, formatNumber, formatTicks } from '../../src/charts/format.js';
import { colorOf, contrast, dashesFor, dashOf, GROUNDS, parseColor, readable, type Rgb } from '../../src/charts/palette.js';
import { growingEnd, place, roomy, scaleFor, ticks, valueAt } from '../../src/charts/scales.js';
import { actionOf, panned, within, zoomed } from '../../src/charts/view.js';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('numbers in words', () => {
  test.each([
    [0, '0'], [1, '1'], [-3, '−3'], [0.1, '0.1'], [1 / 3, '0.33333'], [0.0001234567, '0.00012346'],
    [1.5e-7, '1.5e−7'], [123456.789, '123457'], [99999.7, '100000'], [1e12, '1e12'], [NaN, 'NaN'],
    [Infinity, '+∞'], [-Infinity, '−∞'], [100, '100'], [0.5, '0.5'], [1000000.5, '1e6']
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test('a number is close to what is said of it', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), value => {
        const said = Number(formatNumber(value).replaceAll('−', '-').replace('∞', 'Infinity'));
        expect(Math.abs(said - value)).toBeLessThanOrEqual(Math.abs(value) * 6e-5 + Number.MIN_VALUE);
      })
    );
  });

  test('durations, moments and counts', () => {
    expect([0, 0.25, 12.34, 185, 7380, 180000, -5].map(formatDuration)).toEqual(
      ['0 s', '250 ms', '12.3 s', '3 min 05 s', '2 h 03 min', '2 d 2 h', '−5 s']
    );
    expect(formatMoment(NaN)).toBe('NaN');
    expect(formatMoment(1.7e9)).toMatch(/^2023-11-1\d \d\d:\d\d:20$/);
    expect(formatCount(1234567)).toBe('1,234,567');
  });
});

describe('scales', () => {
  test('there is no room below zero for what is never below it, nor above for what is never above', () => {
    expect(roomy(scaleFor(0.06, 2.6, false))).toEqual({ min: 0, max: 3, isLog: false });
    expect(roomy(scaleFor(-2.6, -0.06, false))).toEqual({ min: -3, max: 0, isLog: false });
    expect(roomy(scaleFor(-0.1, 2.6, false)).min).toBeLessThan(-0.1);
  });

  test('a place leads back to its number', () => {
    fc.assert(
      fc.property(number, number, fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (a, b, isLog, where) => {
        const scale = roomy(scaleFor(Math.min(a, b), Math.max(a, b), isLog && Math.min(a, b) > 0));
        expect(scale.max).toBeGreaterThan(scale.min);
        expect(Number.isFinite(scale.max - scale.min)).toBe(true);
        const back = place(scale, valueAt(scale, where));
        if (scale.min > 1e-290 || !scale.isLog) expect(Math.abs(back - where)).toBeLessThan(1e-3);
      })
    );
  });

  test('ticks are few, in order, and on the axis', () => {
    fc.assert(
      fc.property(number, number, fc.boolean(), fc.integer({ min: 2, max: 12 }), (a, b, isLog, n) => {
        const scale = scaleFor(Math.min(a, b), Math.max(a, b), isLog && Math.min(a, b) > 0);
        const found = ticks(scale, n);
        expect(found.length).toBeLessThanOrEqual(4 * n + 4);
        expect(found).toEqual([...found].sort((one, other) => one - other));
        for (const tick of found) {
          expect(place(scale, tick)).toBeGreaterThan(-0.01);
          expect(place(scale, tick)).toBeLessThan(1.01);
        }
      })
    );
  });

  test('labels of ticks differ', () => {
    expect(formatTicks([1.0001, 1.0002, 1.0003])).toEqual(['1.0001', '1.0002', '1.0003']);
    expect(ticks(scaleFor(0, 1, false), 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks({ min: 0.01, max: 100, isLog: true }, 6)).toEqual([0.01, 0.1, 1, 10, 100]);
  });

  test('an axis that grows moves rarely, and never below its end', () => {
    const ends = Array.from({ length: 1000 }, (_, i) => growingEnd(0, i + 1));
    expect(ends.every((end, i) => end >= i + 1 && end <= (i + 1) * 1.13)).toBe(true);
    expect(new Set(ends).size).toBeLessThan(90);
  });

  test('moments stand at round times', () => {
    const found = xTicks(scaleFor(1.7e9, 1.7e9 + 3600, false), '_timestamp', 6);
    expect(found.map(({ label }) => label.slice(-2))).toEqual(found.map(({ label }) => (/:[0-5]0$/.test(label) ? label.slice(-2) : '!')));
  });
});

describe('what is seen', () => {
  const whole = scaleFor(0, 100, false);

  test('zooming in and out again shows everything', () => {
    const view = zoomed(whole, whole, 0.5, 0.5);
    expect(view).toEqual([25, 75]);
    expect(zoomed(whole, scaleFor(...view!, false), 2, 0.5)).toBeNull();
  });

  test('panning ends at the edges and keeps the width', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), share => {
        const [from, to] = panned(whole, scaleFor(25, 50, false), share)!;
        expect(to - from).toBeCloseTo(25, 9);
        expect(from >= 0 && to <= 100).toBe(true);
      })
    );
    expect(panned(whole, scaleFor(25, 50, false), Infinity)).toEqual([75, 100]);
  });

  test('one cannot zoom in where numbers end', () => {
    const seen = scaleFor(50, 50 + 1e-9, false);
    expect(within(whole, seen, 0.4, 0.6)).toEqual([seen.min, seen.max]);
  });

  test('keys', () => {
    expect(actionOf('+', true, false)).toEqual({ kind: 'zoom', axis: 'x', factor: 0.5 });
    expect(actionOf('ArrowLeft', true, false)).toEqual({ kind: 'pan', axis: 'x', share: -0.2 });
    expect(actionOf('ArrowRight', false, false)).toEqual({ kind: 'cursor', by: 1 });
    expect(actionOf('Escape', false, false)).toEqual({ kind: 'reset' });
    expect([false, true].map(shift => actionOf('m', shift, false))).toEqual([{ kind: 'mark', by: 1 }, { kind: 'mark', by: -1 }]);
    expect([actionOf('+', false, true), actionOf('a', false, false)]).toEqual([null, null]);
  });
});

describe('colours', () => {
  test.each(Object.entries(GROUNDS))('each line can be seen on %s', (name, ground) => {
    for (let i = 0; i < 8; i += 1) {
      expect(contrast(parseColor(colorOf(i, name === 'dark'))!, parseColor(ground)!)).toBeGreaterThanOrEqual(3);
    }
  });

  test('any colour becomes one that can be seen, on any ground', () => {
    const rgb = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(rgb, rgb, (color, ground) => {
        const seen = readable(`rgb(${color.join(', ')})`, ground as Rgb);
        expect(contrast(parseColor(seen)!, ground as Rgb)).toBeGreaterThanOrEqual(3);
      })
    );
  });

  test('dashes differ, and none is so short that a noisy line becomes a row of dots', () => {
    const dashes = [0, 1, 2, 3, 4, 5, 6, 7].map(dashOf);
    expect(new Set(dashes.map(dash => dash.join())).size).toBe(8);
    expect(Math.min(...dashes.flat().filter((_, i) => i % 2 === 0))).toBeGreaterThanOrEqual(3);
    expect(dashes.every(dash => dash.length === 0 || Math.max(...dash) >= 5)).toBe(true);
  });

  test('lines are solid until their colours repeat', () => {
    const colors = Array.from({ length: 12 }, (_, i) => colorOf(i, false));
    expect(dashesFor(colors).map(dash => dash.length > 0)).toEqual(colors.map((_, i) => i >= 8));
    const forced = dashesFor(Array.from({ length: 8 }, () => 'CanvasText'));
    expect(new Set(forced.map(String)).size).toBe(8);
  });

  test('no two lines of a chart look the same, as long as there are dashes left', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }), colors => {
        const looks = dashesFor(colors).map((dash, i) => `${colors[i]} ${dash.join()}`);
        expect(new Set(looks).size).toBe(colors.length);
      })
    );
  });

  test('a text that is no colour is none', () => {
    expect(['red;x', '#12', 'url(x)', 'var(--a)'].map(parseColor)).toEqual([null, null, null, null]);
  });
});

describe('CSV', () => {
  test('a17 a cell that a spreadsheet would take for a formula is neutralised', () => {
    fc.assert(
      fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r', ' ='), fc.string(), (start, rest) => {
        const read = csvCell(start + rest).replace(/^"|"$/g, '').replaceAll('""', '"');
        expect(read).toBe(`'${start}${rest}`);
      })
    );
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell('loss')).toBe('loss');
  });
});

describe('choices', () => {
  const initial = { x: '_step', isLogX: false, isLogY: false, ema: 0 };

  test('they are remembered', () => {
    const storage = new Map<string, unknown>();
    const chosen = { x: 'epoch', isLogX: true, isLogY: false, ema: 0.9 };
    const kept = { get: (key: string) => storage.get(key), set: (key: string, value: unknown) => void storage.set(key, value) };
    remember(kept, 'loss', chosen);
    expect([recalled(kept, 'loss', initial), recalled(kept, 'acc', initial)]).toEqual([chosen, initial]);
  });

  test.each([[null], ['x'], [{ x: 3, isLogX: 'yes', ema: 7 }], [undefined]])('%j is no choice', said => {
    expect(recalled({ get: () => said, set: () => undefined }, 'loss', initial)).toEqual(initial);
  });

  test('a storage that fails is none', () => {
    const broken = { get: () => { throw new Error('no'); }, set: () => { throw new Error('full'); } };
    remember(broken, 'loss', initial);
    expect(recalled(broken, 'loss', initial)).toEqual(initial);
  });
});
