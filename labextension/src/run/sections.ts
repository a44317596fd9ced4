/** Charts in sections by the name of their metric; each is drawn when it comes into view. */
import { mountChart, type ChartHandle } from '../charts/index.js';
import type { Feed } from '../wire/feed.js';
import type { MetricInfo } from '../wire/types.js';
import { element, setText } from './elements.js';
import { narrow, plotHeight, USUAL } from './fitting.js';
import type { Storage } from './options.js';
import { held, type HeldFeed } from './seen.js';
import type { Words } from './words.js';

/** A run whose curves are drawn. */
export interface Curve {
  readonly label: string;
  readonly color?: string;
  readonly feed: Feed;
}

/** As much of a metric as it takes to place its chart and to draw it as it was defined. */
export type Plotted = Pick<MetricInfo, 'name' | 'section' | 'label' | 'goal' | 'step_metric'>;

/** The metrics that have charts: not hidden ones, and not those that others are drawn over. */
export function charted(metrics: readonly MetricInfo[]): MetricInfo[] {
  const axes = new Set(metrics.map(metric => metric.step_metric));
  return metrics.filter(({ name, is_numeric, hidden }) => is_numeric && !hidden && !axes.has(name));
}

/** What all charts of a display have in common. */
export interface Surroundings {
  readonly words: Words;
  readonly storage: Storage;
  /** Goes to the cell of an execution. */
  readonly onCell?: ((execution: string) => void) | undefined;
  /** What the cell of an execution is called, such as `cell [7]`. */
  readonly nameCell?: (execution: string, curve: number) => Promise<string | null>;
}

interface Section {
  readonly node: HTMLDetailsElement;
  readonly count: HTMLElement;
  readonly grid: HTMLElement;
}

interface Place {
  readonly host: HTMLElement;
  metric: Plotted;
  readonly feeds: HeldFeed[];
  chart: ChartHandle | null;
  isSeen: boolean;
}

/** Charts that were scrolled away are taken down when there are more than this. */
const MAX_MOUNTED = 40;
/** How near a chart must be to be drawn. */
const NEAR = '300px';

/** The charts of one run, or of several over each other. */
export class Sections {
  readonly node = element('div', { class: 'nbt-sections' });

  constructor(
    private readonly _curves: readonly Curve[],
    private readonly _around: Surroundings,
    private readonly _draw: typeof mountChart = mountChart
  ) {
    this._words = _around.words;
    this._storage = _around.storage;
    this.node.append(this._more);
    this._nearby = new IntersectionObserver(entries => this._take(entries), { rootMargin: NEAR });
    this._resized = new ResizeObserver(() => this._fit());
    this._resized.observe(this.node);
    this.update([]);
  }

  /** Has a chart for each of these metrics; charts stay as they are unless their metric was defined anew. */
  update(metrics: readonly Plotted[]): void {
    const names = new Set(metrics.map(metric => metric.name));
    const steps = metrics.map(metric => metric.step_metric).filter(step => step !== null);
    this._stepMetrics = [...new Set(steps)];
    for (const [name, place] of this._places) {
      if (!names.has(name)) {
        this._drop(place);
        this._places.delete(name);
      }
    }
    for (const metric of metrics) {
      const place = this._places.get(metric.name);
      if (place === undefined) {
        this._places.set(metric.name, this._place(metric));
      } else {
        this._redefine(place, metric);
      }
    }
    this.filter(this._text);
  }

  /** Shows only charts in whose name each word of the text occurs. */
  filter(text: string): void {
    this._text = text;
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    const n_shown = new Map<string, number>();
    for (const { host, metric } of this._places.values()) {
      const name = metric.name.toLowerCase();
      host.hidden = !wanted.every(word => name.includes(word));
      n_shown.set(metric.section, (n_shown.get(metric.section) ?? 0) + Number(!host.hidden));
    }
    const sections = [...this._sections].sort(([a], [b]) => (a < b ? -1 : 1));
    const areNarrow = narrow(sections.map(([name]) => n_shown.get(name) ?? 0));
    sections.forEach(([name, { node, count }], i) => {
      const n = n_shown.get(name) ?? 0;
      node.hidden = n === 0;
      node.classList.toggle('nbt-narrow', areNarrow[i]);
      setText(count, n > 1 ? String(n) : '');
    });
    const isEmpty = [...n_shown.values()].every(n => n === 0);
    const why = this._places.size > 0 ? this._words.__('Nothing matches.') : this._words.__('Nothing was logged yet.');
    setText(this._more, isEmpty ? why : '');
  }

  dispose(): void {
    this._nearby.disconnect();
    this._resized.disconnect();
    this._places.forEach(place => this._drop(place));
    this._places.clear();
  }

  private _place(metric: Plotted): Place {
    const host = element('div', { class: 'nbt-place', 'data-metric': metric.name });
    const place: Place = { host, metric, feeds: [], chart: null, isSeen: false };
    this._hosts.set(host, place);
    this._section(metric.section).grid.append(host);
    this._nearby.observe(host);
    return place;
  }

  /** A later cell may define a metric that has its chart already. */
  private _redefine(place: Place, metric: Plotted): void {
    const { goal, step_metric } = place.metric;
    if (metric.goal === goal && metric.step_metric === step_metric) {
      return;
    }
    place.metric = metric;
    if (place.chart !== null) {
      this._takeDown(place);
      if (place.isSeen) {
        this._mount(place);
      }
    }
  }

  private _section(name: string): Section {
    const known = this._sections.get(name);
    if (known) {
      return known;
    }
    const key = `closed:${name}`;
    const count = element('span', { class: 'nbt-count' });
    const grid = element('div', { class: 'nbt-grid' });
    const node = element(
      'details',
      {
        class: 'nbt-section',
        open: this._storage.get(key) !== true,
        ontoggle: () => this._storage.set(key, !node.open)
      },
      element('summary', {}, name || this._words.__('Charts'), ' ', count),
      grid
    );
    const section = { node, count, grid };
    this._sections.set(name, section);
    // Sections stand in the order of their names, the one without a name first.
    const next = [...this._sections.keys()].sort().find(other => other > name);
    const before = next === undefined ? this._more : this._sections.get(next)?.node;
    this.node.insertBefore(node, before ?? this._more);
    return section;
  }

  private _take(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const place = this._hosts.get(target);
      if (place !== undefined) {
        place.isSeen = isIntersecting;
        if (isIntersecting) {
          this._mount(place);
        }
        place.feeds.forEach(feed => feed.setSeen(isIntersecting));
      }
    }
    this._takeDownSome();
  }

  private _mount(place: Place): void {
    if (place.chart !== null) {
      return;
    }
    const { host, metric } = place;
    const { onCell, nameCell } = this._around;
    const sources = this._curves.map(({ label, feed, color }) => {
      const heldFeed = held(feed);
      place.feeds.push(heldFeed);
      const { name, goal } = metric;
      return { label, feed: heldFeed, metric: name, goal, ...(color === undefined ? {} : { color }) };
    });
    place.chart = this._draw(host, sources, {
      title: metric.label,
      height: this._height,
      key: metric.name,
      words: this._words,
      storage: this._storage,
      stepMetrics: this._stepMetrics,
      ...(metric.step_metric === null ? {} : { x: metric.step_metric }),
      ...(onCell === undefined ? {} : { onCell: execution => onCell(execution) }),
      ...(nameCell === undefined
        ? {}
        : { nameCell: (execution, source) => nameCell(execution, sources.indexOf(source as never)) })
    });
  }

  private _fit(): void {
    const shown = [...this._places.values()].filter(({ host }) => host.offsetParent !== null);
    const hosts = shown.map(({ host }) => host);
    const page = this.node.closest('.nbt-tabpage');
    const height = plotHeight(page, this.node, hosts, this._height);
    if (height !== this._height && hosts.length > 0) {
      this._height = height;
      this._places.forEach(({ chart }) => chart?.setHeight(height));
    }
  }

  private _takeDownSome(): void {
    const mounted = [...this._places.values()].filter(place => place.chart !== null);
    const away = mounted.filter(place => !place.isSeen);
    away.slice(0, Math.max(0, mounted.length - MAX_MOUNTED)).forEach(place => this._takeDown(place));
  }

  private _takeDown(place: Place): void {
    place.chart?.dispose();
    place.chart = null;
    place.feeds.length = 0;
    place.host.replaceChildren();
  }

  private _drop(place: Place): void {
    this._nearby.unobserve(place.host);
    this._hosts.delete(place.host);
    this._takeDown(place);
    place.host.remove();
  }

  private readonly _words: Words;
  private readonly _storage: Storage;
  private _stepMetrics: readonly string[] = [];
  private readonly _nearby: IntersectionObserver;
  private readonly _resized: ResizeObserver;
  /** Of the plots. */
  private _height = USUAL;
  private readonly _places = new Map<string, Place>();
  private readonly _hosts = new Map<Element, Place>();
  private readonly _sections = new Map<string, Section>();
  private readonly _more = element('p', { class: 'nbt-more' });
  private _text = '';
}
