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

/** A part of x, in numbers of this x. */
export interface XPart {
  x: string;
  range: readonly [number, number];
}

/** What linked charts have in common. null: nobody has chosen yet, each chart has its own. */
export interface SharedLook {
  x: string | null;
  isLogX: boolean | null;
  /** Weight of the moving average. */
  ema: number | null;
  /** What is seen of x; null: all of it. Charts over another x take no notice. */
  part: XPart | null;
}

/** What changed; fields that are missing stayed as they are. */
export interface SharedNews extends Partial<SharedLook> {
  /** All is to be seen again, along both axes. */
  isReset?: boolean;
}

/**
 * Through which the charts of a display follow each other's zoom of x, smoothing and choice of x.
 * `Together` is one; a page makes it once and gives it to each of its charts.
 */
export interface SharedView {
  /** While this is false, charts tell what is chosen in them, but follow nothing. */
  readonly isLinked: boolean;
  /** What was last chosen in any chart. A chart that comes while charts are linked begins with it. */
  readonly look: Readonly<SharedLook>;
  /** Change the look; while charts are linked, all who listen are told, but not `by`. */
  change(news: SharedNews, by: object): void;
  /** Returns how to stop. When charts are linked, all are told the whole look. */
  listen(who: object, told: (news: SharedNews) => void): () => void;
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
  /** Followed and told of zoom and smoothing while it is linked. Default: the chart is alone. */
  shared?: SharedView;
  /** Which sources are hidden at first, by their place in the list; the chart does not remember it. */
  hidden?: ReadonlySet<number>;
  /** The user hid or showed curves in the legend: all that are hidden now. */
  onHidden?: (hidden: ReadonlySet<number>) => void;
}

/** What may change of a chart's options while it stands. */
export interface ChartChange extends Pick<ChartOptions, 'stepMetrics'> {
  /** What the sources are called from now on, in their order. */
  labels?: readonly string[];
}

/** A chart on the screen. */
export interface ChartHandle {
  readonly element: HTMLElement;
  /** Ask for what is new, now. */
  refresh(): void;
  /** Make the plot with its axes so high. Units: pixels. */
  setHeight(height: number): void;
  /** Take over new options; what the user chose stays chosen. */
  update(change: ChartChange): void;
  /** Hide these sources, by their place in the list, and show all others; `onHidden` is not told. */
  setHidden(hidden: ReadonlySet<number>): void;
  /** Say in words what the chart shows. */
  summary(): string;
  exportPng(): Promise<Blob>;
  exportSvg(): string;
  exportCsv(): string;
  /** Remove it; nothing of it stays. */
  dispose(): void;
}
