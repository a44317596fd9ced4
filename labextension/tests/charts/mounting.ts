/** Charts in a document without a screen: what a test needs to mount them and to use them. */
import { afterEach, beforeEach, vi } from 'vitest';

import { mountChart, type ChartHandle, type ChartOptions, type ChartSource } from '../../src/charts/index.js';
import { MemoryFeed, type Rows } from './standin.js';

/** happy-dom has no canvas: this one takes everything and remembers what was stroked. */
export class Canvas {
  static nPaths = 0;
  [name: string]: unknown;
  constructor(readonly canvas: HTMLCanvasElement) {
    return new Proxy(this, {
      get: (target, name: string) => {
        if (name === 'stroke') return () => (Canvas.nPaths += 1);
        if (name === 'measureText') return () => ({ width: 10 });
        return name in target ? target[name] : () => undefined;
      }
    });
  }
}

/** Charts that are taken down after the test. */
export const live: ChartHandle[] = [];

/** Prepare each test of a module for charts. */
export function withCharts(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('Path2D', class { moveTo() {} lineTo() {} rect() {} arc() {} closePath() {} });
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation(function (this: HTMLCanvasElement) {
      return new Canvas(this) as never;
    });
  });

  afterEach(() => {
    live.splice(0).forEach(chart => chart.dispose());
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

/** A chart of one run. */
export function mounted(rows: Rows, options: ChartOptions = {}, label = 'run'): { chart: ChartHandle; feed: MemoryFeed } {
  const feed = new MemoryFeed(rows);
  return { chart: overlaid([{ label, feed, metric: 'loss', goal: 'minimize' }], options), feed };
}

/** A chart of several runs. */
export function overlaid(sources: readonly ChartSource[], options: ChartOptions = {}): ChartHandle {
  const chart = mountChart(document.body, sources, options);
  live.push(chart);
  return chart;
}

/** Wait until it has asked and is drawn. */
export async function drawn(): Promise<void> {
  await vi.advanceTimersByTimeAsync(300);
}

/** Press a key on the plot. */
export function press(chart: ChartHandle, key: string, more: KeyboardEventInit = {}): void {
  chart.element.querySelector('.nbt-chart-plot')!.dispatchEvent(new KeyboardEvent('keydown', { key, ...more }));
}

/** The button with this text. */
export function button(chart: ChartHandle, label: string): HTMLButtonElement {
  return [...chart.element.querySelectorAll('button')].find(one => one.textContent === label)!;
}

/** What is remembered, and where. */
export function storage(): { kept: Map<string, unknown>; get(key: string): unknown; set(key: string, value: unknown): void } {
  const kept = new Map<string, unknown>();
  return { kept, get: key => kept.get(key), set: (key, value) => void kept.set(key, value) };
}
