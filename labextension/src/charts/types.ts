/** What a chart is made of, and what one can do with it. */

import type { Feed } from '../wire/feed.js';

/** One line of a chart: a metric of a run. */
export interface ChartSource {
  label: string;
  /** `#rrggbb`; made darker or lighter if it cannot be seen. Default: of the palette. */
  color?: string;
  feed: Feed;
  metric: string;
  /** `minimize` or `maximize`: the best value gets a mark. */
  goal?: string | null;
}

/** Where choices are remembered. */
export interface ChartStorage {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Gives texts in the user's language; JupyterLab's TranslationBundle is one. */
export interface ChartWords {
  __(text: string, ...args: (string | number)[]): string;
}

/** A choice for the x axis: `_step`, `_runtime`, `_timestamp` or a metric. */
export interface XChoice {
  value: string;
  label: string;
}

/** How a chart is shown. */
export interface ChartOptions {
  title?: string;
  /** Of the plot with its axes. Units: pixels. Default: 220. */
  height?: number;
  /** Metrics that may be x, beside step and time. */
  stepMetrics?: readonly string[];
  /** The first choice of x. Default: `_step`. */
  x?: string;
  storage?: ChartStorage;
  /** Under which name choices are remembered. Default: the metric. */
  key?: string;
  /** A point was chosen: the execution of the cell that made it. */
  onCell?: (execution: string, source: ChartSource) => void;
  /** What a cell is called, such as `cell [7]`. */
  nameCell?: (execution: string, source: ChartSource) => string | null | Promise<string | null>;
  words?: ChartWords;
}

/** A chart on the screen. */
export interface ChartHandle {
  readonly element: HTMLElement;
  /** Ask for what is new, now. */
  refresh(): void;
  /** Make the plot with its axes so high. Units: pixels. */
  setHeight(height: number): void;
  /** Say in words what the chart shows. */
  summary(): string;
  exportPng(): Promise<Blob>;
  exportSvg(): string;
  exportCsv(): string;
  /** Remove it; nothing of it stays. */
  dispose(): void;
}
