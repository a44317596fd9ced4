import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { ChartHandle, ChartOptions, ChartSource } from '../../src/charts/index.js';
import { memoryStorage } from '../../src/run/index.js';
import { ClosedSections } from '../../src/run/closed.js';
import { arrange } from '../../src/run/elements.js';
import { charted, firstOf, grouped, matching } from '../../src/run/grouping.js';
import { Sections } from '../../src/run/sections.js';
import { held } from '../../src/run/seen.js';
import { placeOf, weightOf } from '../../src/charts/slider.js';
import { english } from '../../src/run/words.js';
import { HandFeed, metricOf } from '../runs.js';

/** Has the test say what is in view. */
class HandObserver {
  static last: HandObserver;
  readonly observed = new Set<Element>();
  constructor(readonly take: (entries: { target: Element; isIntersecting: boolean }[]) => void) {
    HandObserver.last = this;
  }
  observe(target: Element): void {
    this.observed.add(target);
  }
  unobserve(target: Element): void {
    this.observed.delete(target);
  }
  disconnect(): void {
    this.observed.clear();
  }
  see(isIntersecting: boolean, ...targets: Element[]): void {
    this.take(targets.map(target => ({ target, isIntersecting })));
  }
}

let feed: HandFeed;
let disposed: number;
let drawn: { source: ChartSource; options: ChartOptions }[];
let told: unknown[];

const around = { words: english, storage: memoryStorage() };

/** A chart that listens, and draws nothing. */
function draw(_host: HTMLElement, sources: readonly ChartSource[], options: ChartOptions = {}): ChartHandle {
  const [source] = sources as [ChartSource];
  drawn.push({ source, options });
  const stop = source.feed.listen(() => undefined);
  return {
    element: document.createElement('div'),
    refresh: () => undefined,
    setHeight: () => undefined,
    update: change => void told.push(change),
    setHidden: hidden => void told.push([...hidden]),
    summary: () => '',
    exportPng: () => Promise.resolve(new Blob()),
    exportSvg: () => '',
    exportCsv: () => '',
    dispose: () => {
      stop();
      disposed += 1;
    }
  };
}

beforeEach(() => {
  vi.stubGlobal('IntersectionObserver', HandObserver);
  feed = new HandFeed();
  disposed = 0;
  drawn = [];
  told = [];
});
afterEach(() => vi.unstubAllGlobals());

function sectionsOf(n: number): { sections: Sections; places: Element[] } {
  const sections = new Sections([{ label: 'a', feed }], around, draw);
  sections.update(Array.from({ length: n }, (_, i) => metricOf(`m${i}`)));
  return { sections, places: [...sections.node.querySelectorAll('.nbt-place')] };
}

it('draw a chart when it comes into view, and not before', () => {
  const { places } = sectionsOf(500);
  expect(drawn).toEqual([]);
  HandObserver.last.see(true, places[3]!);
  expect(drawn.map(({ source }) => source.metric)).toEqual(['m3']);
});

it('take charts down that were scrolled away, when there are many', () => {
  const { places } = sectionsOf(500);
  for (const place of places) {
    HandObserver.last.see(true, place);
    HandObserver.last.see(false, place);
  }
  expect(drawn.length - disposed).toBe(40);
  expect(feed.listeners.size).toBe(40);
});

it('give a chart its goal and the x that was defined for it', () => {
  const sections = new Sections([{ label: 'a', feed }], around, draw);
  sections.update([metricOf('acc', { goal: 'maximize', step_metric: 'epoch' })]);
  HandObserver.last.see(true, sections.node.querySelector('.nbt-place')!);
  const [{ source, options }] = drawn as [(typeof drawn)[0]];
  expect([source.goal, options.x, options.stepMetrics]).toEqual(['maximize', 'epoch', ['epoch']]);
});

it('draw a chart anew when its metric is defined otherwise in a later cell', () => {
  const sections = new Sections([{ label: 'a', feed }], around, draw);
  sections.update([metricOf('acc'), metricOf('loss')]);
  HandObserver.last.see(true, ...sections.node.querySelectorAll('.nbt-place'));
  const later = [metricOf('acc', { goal: 'maximize', step_metric: 'epoch' }), metricOf('loss')];
  sections.update(later);
  sections.update(later);
  expect(drawn.map(({ source }) => source.metric)).toEqual(['acc', 'loss', 'acc']);
  expect([drawn[2]?.source.goal, drawn[2]?.options.x, disposed, feed.listeners.size]).toEqual(['maximize', 'epoch', 1, 2]);
});

it('leave a chart that is out of view for when it is seen, when it is defined otherwise', () => {
  const { sections, places } = sectionsOf(1);
  HandObserver.last.see(true, ...places);
  HandObserver.last.see(false, ...places);
  sections.update([metricOf('m0', { goal: 'minimize' })]);
  expect([drawn.length, disposed]).toEqual([1, 1]);
  HandObserver.last.see(true, ...places);
  expect(drawn[1]?.source.goal).toBe('minimize');
});

it('leave no listener and nothing observed', () => {
  const { sections, places } = sectionsOf(10);
  HandObserver.last.see(true, ...places);
  sections.dispose();
  expect([feed.listeners.size, HandObserver.last.observed.size, disposed]).toEqual([0, 0, 10]);
});

it('tell a chart of changes only while it is seen, and of a missed one when it is seen again', () => {
  const listener = vi.fn();
  const gate = held(feed);
  gate.listen(listener);
  gate.setSeen(false);
  feed.change();
  feed.change();
  expect(listener).not.toHaveBeenCalled();
  gate.setSeen(true);
  gate.setSeen(true);
  expect(listener).toHaveBeenCalledTimes(1);
});

it('stand in the order they came, without a slash first and of the machine last', () => {
  const names = ['system/cpu', 'val/loss', 'system\\.gpu', 'lr', 'a/x', 'val/acc', 'system/gpu/0', 'systematic/x'];
  const groups = grouped(names.map(name => metricOf(name)));
  expect(groups.map(({ name, metrics }) => [name, metrics.length])).toEqual([
    ['', 1], ['val', 2], ['a', 1], ['systematic', 1], ['system', 2], ['system/gpu', 1]
  ]);
});

it('keep every metric once, and show as many as fit', () => {
  const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1 }));
  fc.assert(fc.property(names, fc.nat(5), fc.nat(9), (all, n_sections, n_charts) => {
    const groups = grouped(all.map(name => metricOf(name)));
    const told = (some: typeof groups): string[] => some.flatMap(({ metrics }) => metrics.map(({ name }) => name));
    expect(told(groups).sort()).toEqual([...all].sort());
    const first = firstOf(groups, n_sections, n_charts);
    expect(told(first)).toEqual(told(groups.slice(0, n_sections)).slice(0, n_charts));
    expect(told(matching(groups, 'A b')).sort()).toEqual(all.filter(name => name.includes('a') && name.includes('b')).sort());
  }));
});

it('have a heading only where there are several', () => {
  const sections = new Sections([{ label: 'a', feed }], around, draw);
  const headings = (): (string | null)[] =>
    [...sections.node.querySelectorAll('summary')].map(node => (node.hidden ? null : node.textContent));
  sections.update([metricOf('loss'), metricOf('acc')]);
  expect(headings()).toEqual([null]);
  sections.update([metricOf('loss'), metricOf('acc'), metricOf('val/x')]);
  expect(headings()).toEqual(['General 2', 'val ']);
});

it('place a page of ten thousand sections, and more when that is asked for', () => {
  const sections = new Sections([{ label: 'a', feed }], around, draw);
  sections.update(Array.from({ length: 10_000 }, (_, i) => metricOf(`s${i}/x`)));
  const n = (): number => sections.node.querySelectorAll('.nbt-section:not([hidden]) .nbt-place').length;
  const more = sections.node.querySelector<HTMLButtonElement>('.nbt-button');
  expect([n(), more?.textContent]).toEqual([100, 'Show more (9900 charts)']);
  more?.click();
  expect([n(), more?.textContent]).toEqual([200, 'Show more (9800 charts)']);
  sections.filter('s9999');
  expect([n(), more?.hidden]).toEqual([1, true]);
  sections.filter('');
  expect([n(), HandObserver.last.observed.size]).toEqual([100, 201]);
});

it('remember what the user closes, and write nothing of what no user did', () => {
  const storage = memoryStorage();
  const written = vi.spyOn(storage, 'set');
  storage.set('sections:closed', ['val']);
  written.mockClear();
  const sections = new Sections([{ label: 'a', feed }], { ...around, storage }, draw);
  sections.update([metricOf('loss'), metricOf('val/x')]);
  const [general, val] = [...sections.node.querySelectorAll('details')] as [HTMLDetailsElement, HTMLDetailsElement];
  [general, val].forEach(node => node.dispatchEvent(new Event('toggle')));
  expect([general.open, val.open, written.mock.calls.length]).toEqual([true, false, 0]);
  general.querySelector('summary')?.click();
  expect(storage.get('sections:closed')).toEqual(['val', '']);
});

it('remember few names, and short ones', () => {
  const storage = memoryStorage();
  const closed = new ClosedSections(storage);
  Array.from({ length: 300 }, (_, i) => closed.set(`${i} ${'x'.repeat(10_000)}`, true));
  const kept = storage.get('sections:closed') as string[];
  expect([kept.length, Math.max(...kept.map(name => name.length))]).toEqual([200, 200]);
  expect([closed.has(`299 ${'x'.repeat(10_000)}`), closed.has(`0 ${'x'.repeat(10_000)}`)]).toEqual([true, false]);
  closed.set(`299 ${'x'.repeat(10_000)}`, false);
  expect(closed.has(`299 ${'x'.repeat(10_000)}`)).toBe(false);
  storage.set('sections:closed', { not: 'a list' });
  expect(new ClosedSections(storage).has('x')).toBe(false);
});

it('stand right with as few moves as can be', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(9)), fc.uniqueArray(fc.nat(9)), (before, after) => {
    const nodes = Array.from({ length: 10 }, () => document.createElement('i'));
    const parent = document.createElement('div');
    const pick = (places: number[]): HTMLElement[] => places.map(i => nodes[i]!);
    parent.append(...pick(before));
    arrange(parent, pick(after));
    expect([...parent.children]).toEqual(pick(after));
  }));
});

it('tell charts that stand of other x, of what is hidden, and later ones too', () => {
  const onHidden = vi.fn();
  const sections = new Sections([{ label: 'a', feed }, { label: 'b', feed }], { ...around, onHidden }, draw);
  sections.update([metricOf('x'), metricOf('y')]);
  const [x, y] = [...sections.node.querySelectorAll('.nbt-place')] as [Element, Element];
  HandObserver.last.see(true, x);
  sections.setHidden(new Set([1]));
  sections.update([metricOf('x'), metricOf('y'), metricOf('z', { step_metric: 'epoch' })]);
  expect(told).toEqual([[1], { stepMetrics: ['epoch'] }]);
  HandObserver.last.see(true, y);
  expect([drawn[1]?.options.hidden, drawn[1]?.options.onHidden]).toEqual([new Set([1]), onHidden]);
});

it('call curves otherwise from now on, in charts that stand and in later ones', () => {
  const sections = new Sections([{ label: 'a', feed }, { label: 'b', feed }], around, draw);
  sections.update([metricOf('x'), metricOf('y')]);
  const [x, y] = [...sections.node.querySelectorAll('.nbt-place')] as [Element, Element];
  HandObserver.last.see(true, x);
  sections.rename(['a', 'b']);
  sections.rename(['c', 'b']);
  HandObserver.last.see(true, y);
  expect(told).toEqual([{ labels: ['c', 'b'] }]);
  expect(drawn.map(({ source }) => source.label)).toEqual(['a', 'c']);
});

it('know which curve a point is of', async () => {
  const [onCell, nameCell] = [vi.fn(), vi.fn(() => Promise.resolve('cell [7]'))];
  const curves = ['a', 'b'].map(label => ({ label, feed }));
  const sources: ChartSource[][] = [];
  const sections = new Sections(curves, { ...around, onCell, nameCell }, (host, given, options) => {
    sources.push([...given]);
    return draw(host, given, options);
  });
  sections.update([metricOf('loss')]);
  HandObserver.last.see(true, sections.node.querySelector('.nbt-place')!);
  const second = sources[0]?.[1] as ChartSource;
  drawn[0]?.options.onCell?.('s-1', second);
  expect(await drawn[0]?.options.nameCell?.('s-2', second)).toBe('cell [7]');
  expect([onCell.mock.calls, nameCell.mock.calls]).toEqual([[['s-1', 1]], [['s-2', 1]]]);
});

it('are linked by a button, and smoothed by a slider that links them', () => {
  const storage = memoryStorage();
  const sections = new Sections([{ label: 'a', feed }], { ...around, storage }, draw);
  const group = sections.node.querySelector<HTMLElement>('.nbt-linking')!;
  sections.update([metricOf('x')]);
  expect(group.hidden).toBe(true);
  sections.update([metricOf('x'), metricOf('y')]);
  expect(group.hidden).toBe(false);
  HandObserver.last.see(true, sections.node.querySelector('.nbt-place')!);
  const shared = drawn[0]?.options.shared;
  const news = vi.fn();
  shared?.listen({}, news);
  const slider = group.querySelector('input')!;
  slider.value = '0.5';
  slider.dispatchEvent(new Event('input'));
  expect([shared?.isLinked, shared?.look.ema, news.mock.lastCall]).toEqual([true, weightOf(0.5), [{ ema: weightOf(0.5) }]]);
  const button = group.querySelector('button')!;
  expect(button.getAttribute('aria-pressed')).toBe('true');
  button.click();
  expect([shared?.isLinked, button.getAttribute('aria-pressed')]).toEqual([false, 'false']);
});

it.each([0, 0.5, 0.9, 0.99, 0.999])('have the slider where the weight %d is', weight => {
  expect(weightOf(placeOf(weight))).toBeCloseTo(weight, 3);
});

it('draws no chart of what others are drawn over, nor of what is hidden or no number', () => {
  const metrics = [
    metricOf('epoch'),
    metricOf('val/acc', { step_metric: 'epoch' }),
    metricOf('quiet', { hidden: true }),
    metricOf('image', { is_numeric: false })
  ];
  expect(charted(metrics).map(metric => metric.name)).toEqual(['val/acc']);
});
