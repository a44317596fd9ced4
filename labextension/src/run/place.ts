/** Where the chart of a metric stands, whether it is drawn now or not. */
import type { ChartHandle, ChartOptions, ChartSource, mountChart } from '../charts/index.js';
import type { Feed } from '../wire/feed.js';
import { element } from './elements.js';
import type { Plotted } from './grouping.js';
import { held, type HeldFeed } from './seen.js';

/** A run whose curves are drawn. */
export interface Curve {
  readonly label: string;
  readonly color?: string;
  readonly feed: Feed;
}

/** What the charts of a display have in common; curves are numbered as they were given. */
export interface Common {
  readonly draw: typeof mountChart;
  /** As they are called when a chart is drawn. */
  curves(): readonly Curve[];
  /** As they are when a chart is drawn. */
  options(): ChartOptions;
  readonly onCell?: ((execution: string, curve: number) => void) | undefined;
  readonly nameCell?: ((execution: string, curve: number) => Promise<string | null>) | undefined;
}

/** The place of one chart. */
export class Place {
  readonly host: HTMLElement;
  /** Whether it is in view, or nearly. */
  isSeen = false;

  constructor(
    private _metric: Plotted,
    private readonly _common: Common
  ) {
    this.host = element('div', { class: 'nbt-place', 'data-metric': _metric.name });
  }

  get chart(): ChartHandle | null {
    return this._chart;
  }

  /** Comes into view, where its chart is drawn, or goes out of it. */
  see(isSeen: boolean): void {
    this.isSeen = isSeen;
    if (isSeen) {
      this._mount();
    }
    this._feeds.forEach(feed => feed.setSeen(isSeen));
  }

  /** A later cell may define a metric that has its chart already. */
  redefine(metric: Plotted): void {
    const { goal, step_metric } = this._metric;
    this._metric = metric;
    if (this._chart !== null && (metric.goal !== goal || metric.step_metric !== step_metric)) {
      this.takeDown();
      if (this.isSeen) {
        this._mount();
      }
    }
  }

  takeDown(): void {
    this._chart?.dispose();
    this._chart = null;
    this._feeds = [];
    this.host.replaceChildren();
  }

  private _mount(): void {
    if (this._chart !== null) {
      return;
    }
    const { name, label, goal, step_metric } = this._metric;
    const { draw, onCell, nameCell, options } = this._common;
    const curves = this._common.curves();
    this._feeds = curves.map(({ feed }) => held(feed));
    const sources = curves.map(({ label: run, color }, i): ChartSource => {
      const given = { label: run, feed: this._feeds[i] as Feed, metric: name, goal };
      return color === undefined ? given : { ...given, color };
    });
    this._chart = draw(this.host, sources, {
      ...options(),
      title: label,
      key: name,
      ...(step_metric === null ? {} : { x: step_metric }),
      ...(onCell && { onCell: (execution, source) => onCell(execution, sources.indexOf(source)) }),
      ...(nameCell && { nameCell: (execution, source) => nameCell(execution, sources.indexOf(source)) })
    });
  }

  private _chart: ChartHandle | null = null;
  private _feeds: HeldFeed[] = [];
}
