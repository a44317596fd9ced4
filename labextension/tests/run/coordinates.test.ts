import { afterEach, beforeEach, expect, it } from 'vitest';

import { type Compared, Coordinates } from '../../src/run/coordinates.js';
import { axisOf, carried, FOOT, mostTelling, numericKeys, spread } from '../../src/run/coordinatesScale.js';
import { memoryStorage } from '../../src/run/options.js';
import { english } from '../../src/run/words.js';
import type { Difference } from '../../src/wire/types.js';
import { metricOf } from '../runs.js';

let page: Coordinates;

beforeEach(() => {
  page = new Coordinates(english, memoryStorage());
  document.body.append(page.node);
});
afterEach(() => page.dispose());

const run = (name: string, summary: Record<string, unknown> = {}, curve = 0): Compared => ({
  key: `digits/${name}`,
  name,
  curve,
  summary
});
const differs = (key: string, ...values: unknown[]): Difference => ({ key, values, has: values.map(value => value !== undefined) });
const all = (selector: string): Element[] => [...page.node.querySelectorAll(selector)];
const items = (): SVGGElement[] => all('[role=listitem]') as SVGGElement[];
const names = (selector: string): string[] => all(selector).map(node => node.firstChild?.textContent ?? '');
const remark = (): string => page.node.lastElementChild?.textContent ?? '';
const press = (key: string, on: Element | null = document.activeElement): void =>
  void on?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

const THREE = [
  run('slow', { loss: 0.5, epoch: 3 }, 0),
  run('fast', { loss: 0.1, epoch: 3 }, 1),
  run('lost', { loss: NaN, epoch: 3 }, 2)
];
const LR = differs('lr', 0.1, 0.2, 0.3);
const KIND = differs('kind', 'adam', 'sgd', undefined);

function show(runs = THREE, differences = [LR, KIND]): void {
  page.update(runs, differences, []);
}

/** Drags along an axis, between places of it. */
function drag(axis: number, from: number, to: number): void {
  const svg = page.node.querySelector('svg') as SVGSVGElement;
  svg.setPointerCapture = () => undefined;
  const [low, high] = [280 - 12, 36];
  const span = (low - high) / (1 - FOOT);
  const at = (place: number): PointerEventInit => ({ clientY: high + (1 - place) * span, button: 0, bubbles: true });
  all('[data-axis]')[axis]?.dispatchEvent(new PointerEvent('pointerdown', at(from)));
  svg.dispatchEvent(new PointerEvent('pointermove', at(to)));
  svg.dispatchEvent(new PointerEvent('pointerup', at(to)));
}

it('has an axis for each key that differs and one for the result', () => {
  show();
  expect(names('.nbt-across-key')).toEqual(['lr', 'kind', 'loss']);
  expect(names('.nbt-across-name').sort()).toEqual(['fast', 'lost', 'slow']);
});

it('tells all values of a run in its name', () => {
  show();
  expect(items().map(item => item.getAttribute('aria-label'))).toEqual([
    'slow: lr 0.1, kind adam, loss 0.5',
    'fast: lr 0.2, kind sgd, loss 0.1',
    'lost: lr 0.3, kind missing, loss NaN'
  ]);
  expect(all('[role=list]')[0]?.getAttribute('aria-label')).toBe('3 runs across 3 axes: lr, kind, loss');
});

it('draws a run as its curve is drawn in the charts', () => {
  show([run('b', {}, 1), run('a', {}, 0)], [differs('lr', 1, 2)]);
  const lines = all('.nbt-across-line').map(line => [line.getAttribute('stroke'), line.getAttribute('stroke-dasharray')]);
  expect(lines).toEqual([['#d55e00', ''], ['#0072b2', '']]);
});

it('places numbers on a log axis only if they are positive and far apart', () => {
  const isLog = (...values: unknown[]): boolean | undefined => axisOf('config', 'k', values, []).scale?.isLog;
  expect([isLog(0.001, 0.1), isLog(1, 99), isLog(0, 1000), isLog('a', 1)]).toEqual([true, false, false, undefined]);
});

it('places texts by their first appearance, the first above', () => {
  const { places, ticks } = axisOf('config', 'k', ['b', 'a', 'b', 'c', '1', 1], []);
  expect(places).toEqual([1, 0.75, 1, 0.5, 0.25, 0]);
  expect(ticks.map(({ label }) => label)).toEqual(['b', 'a', 'c', '1', '1']);
});

it('keeps what has no place at the foot, and says what it is', () => {
  const axis = axisOf('config', 'k', [1, NaN, null, 7, Infinity], [true, true, true, false, true]);
  expect(axis.places.slice(1)).toEqual([FOOT, FOOT, FOOT, FOOT]);
  expect(axis.foot).toBe('NaN, null, –, Infinity');
});

it.each([[[5, 5]], [[-1.7e308, 1.7e308]], [[5e-324, 1e308]], [[NaN, NaN]]])('places %j somewhere', values => {
  const { places } = axisOf('config', 'k', values, []);
  expect(places.every(at => at >= FOOT && at <= 1)).toBe(true);
});

it('shows a result with a goal first, or else a telling one', () => {
  const keys = ['_step', 'epoch', 'acc', 'loss', 'f1.best'];
  expect(mostTelling(keys, [metricOf('f1', { goal: 'maximize' })])).toBe('f1.best');
  expect([mostTelling(keys, []), mostTelling(['_step', 'epoch'], []), mostTelling([], [])]).toEqual(['loss', 'epoch', null]);
});

it('offers what is a number in any of the runs', () => {
  expect(numericKeys([{ a: 'x', b: null }, { a: 1, c: NaN, d: true }])).toEqual(['a', 'c']);
});

it('shows the result that is chosen, and remembers it', () => {
  show();
  const choice = page.node.querySelector('select') as HTMLSelectElement;
  choice.value = 'epoch';
  choice.dispatchEvent(new Event('change'));
  show();
  expect(names('.nbt-across-key').at(-1)).toBe('epoch');
});

it('has at most twelve axes, which the filter narrows', () => {
  show(THREE, Array.from({ length: 20 }, (_, i) => differs(`key${i}`, 1, 2, i)));
  expect([names('.nbt-across-key').length, remark()]).toEqual([13, '8 more keys differ: filter to see them.']);
  page.filter(' Y1 ');
  expect([names('.nbt-across-key').length, remark()]).toEqual([12, '']);
  page.filter('nowhere');
  expect([names('.nbt-across-key').length, remark()]).toEqual([0, 'Nothing matches.']);
});

it('says that no config differs', () => {
  show(THREE, []);
  expect([items().length, remark()]).toEqual([0, 'No config differs.']);
});

it('lets the arrows move from run to run, and tells the values of the one in focus', () => {
  show();
  expect(items().map(item => item.getAttribute('tabindex'))).toEqual(['0', '-1', '-1']);
  items()[0]?.focus();
  press('ArrowUp');
  expect(document.activeElement).toBe(items()[2]);
  press('ArrowDown');
  press('ArrowRight');
  expect(names('.nbt-across-told text')).toEqual(['0.2', 'sgd', '0.1', 'fast']);
  items()[1]?.blur();
  expect(all('.nbt-across-told text, .nbt-across-lit')).toEqual([]);
});

it('keeps the focus when values change, and changes nothing when none does', () => {
  show();
  items()[1]?.focus();
  const line = all('.nbt-across-line')[1];
  show();
  expect(all('.nbt-across-line')[1]).toBe(line);
  show(THREE.map(one => ({ ...one, summary: { loss: 7 } })));
  expect(document.activeElement).toBe(items()[1]);
  expect(names('.nbt-across-told text').slice(2)).toEqual(['7', 'fast']);
});

it('fades runs outside of what is selected, until it is cleared', () => {
  const faded = (): boolean[] => items().map(item => item.classList.contains('nbt-across-out'));
  show();
  drag(0, 1, 0.4);
  expect(faded()).toEqual([true, false, false]);
  drag(1, -1, -0.05);
  expect([faded(), all('[role=status]')[0]?.textContent]).toEqual([
    [true, true, false],
    '1 of 3 runs are within the selection. Escape clears it.'
  ]);
  drag(1, 0.5, 0.5);
  expect(faded()).toEqual([true, false, false]);
  press('Escape', items()[0]);
  expect([faded(), all('.nbt-across-ranges rect')]).toEqual([[false, false, false], []]);
});

it('selects the same values when the axis changes', () => {
  const [old, now] = [axisOf('config', 'k', [0, 10], []), axisOf('config', 'k', [0, 20], [])];
  const whole = carried([0.5, 1], old, now) ?? [];
  expect(whole.map(at => Math.round(100 * at))).toEqual([25, 50]);
  expect(carried([0, 1], old, axisOf('config', 'k', ['a'], []))).toBe(null);
});

it('keeps names apart, and leaves out those without room', () => {
  expect(spread([10, 10, 50], 10, 0, 50)).toEqual([10, 20, 50]);
  expect(spread([50, 50], 10, 0, 50)).toEqual([40, 50]);
  expect(spread([0, 1, 2, 15], 10, 0, 20)).toEqual([0, null, null, 15]);
});

it('takes names and values as text', () => {
  const evil = '<img src=x onerror=alert(1)>';
  show([run(evil, { [evil]: 1 }), run('b')], [differs(evil, evil, '</svg><script>')]);
  expect(all('img, script')).toEqual([]);
  expect(items()[0]?.getAttribute('aria-label')).toBe(`${evil}: ${evil} ${evil}, ${evil} 1`);
});

it('leaves nothing behind', () => {
  show();
  page.dispose();
  expect(document.body.childNodes.length).toBe(0);
});

it('offers metrics as people wrote them, and keeps which one was chosen by its name', () => {
  show([run('a', { 'val\\.loss': 1 }), run('b', { 'val\\.loss': 2 })], [LR]);
  const option = page.node.querySelector('option');
  expect([option?.textContent, option?.value]).toEqual(['val.loss', 'val\\.loss']);
  expect(names('.nbt-across-key')).toEqual(['lr', 'val.loss']);
});
