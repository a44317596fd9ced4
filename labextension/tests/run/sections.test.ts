import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { ChartHandle, ChartOptions, ChartSource } from '../../src/charts/index.js';
import { memoryStorage } from '../../src/run/index.js';
import { narrow } from '../../src/run/fitting.js';
import { charted, Sections } from '../../src/run/sections.js';
import { held } from '../../src/run/seen.js';
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

it('puts sections of one chart side by side, unless one would stand alone', () => {
  expect(narrow([1, 1, 3, 1, 0, 1, 2, 1])).toEqual([true, true, false, true, false, true, false, false]);
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
