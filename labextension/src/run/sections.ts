/** Charts in sections by the name of their metric; each is drawn when it comes into view. */
import { type ChartOptions, mountChart } from '../charts/index.js';
import { Below } from './below.js';
import { ClosedSections } from './closed.js';
import { arrange, element, setText } from './elements.js';
import { plotHeight, USUAL } from './fitting.js';
import { firstOf, type Group, grouped, matching, type Plotted } from './grouping.js';
import { Linking } from './linking.js';
import type { Storage } from './options.js';
import { type Common, type Curve, Place } from './place.js';
import { Section } from './section.js';
import type { Words } from './words.js';

/** What all charts of a display have in common; curves are numbered as they were given. */
export interface Surroundings extends Pick<Common, 'onCell' | 'nameCell'> {
  readonly words: Words;
  readonly storage: Storage;
  /** The user hid or showed curves in the legend of a chart: all that are hidden now. */
  readonly onHidden?: ((hidden: ReadonlySet<number>) => void) | undefined;
}

/** Charts that were scrolled away are taken down when there are more than this. */
const MAX_MOUNTED = 40;
/** How near a chart must be to be drawn. */
const NEAR = '300px';
/** How much is placed until more is asked for. */
const PAGE = { sections: 100, charts: 400 };

/** The charts of one run, or of several over each other. */
export class Sections {
  readonly node: HTMLElement;

  constructor(
    private _curves: readonly Curve[],
    private readonly _around: Surroundings,
    draw: typeof mountChart = mountChart
  ) {
    const { words, storage, onCell, nameCell } = _around;
    this._words = words;
    this._closed = new ClosedSections(storage);
    this._linking = new Linking(words, storage);
    this._common = { curves: () => this._curves, draw, onCell, nameCell, options: () => this._options() };
    this._next = element('button', { type: 'button', class: 'nbt-button', hidden: true, onclick: () => this._showMore() });
    this.node = element('div', { class: 'nbt-sections' }, this._linking.node, this._list, this._next, this._more);
    this._below = new Below(words, () => this.node.closest<HTMLElement>('.nbt-tabpage'), this.node);
    this.node.append(this._below.node);
    this._nearby = new IntersectionObserver(entries => this._take(entries), { rootMargin: NEAR });
    this._resized = new ResizeObserver(() => this._fit());
    this._resized.observe(this.node);
    this._show();
  }

  /** Has a chart for each of these metrics; charts stay as they are unless their metric was defined anew. */
  update(metrics: readonly Plotted[]): void {
    const names = new Set(metrics.map(metric => metric.name));
    for (const [name, place] of this._places) {
      if (!names.has(name)) {
        this._drop(place);
        this._places.delete(name);
      }
    }
    this._defineSteps(metrics);
    metrics.forEach(metric => this._places.get(metric.name)?.redefine(metric));
    this._groups = grouped(metrics);
    this._show();
  }

  /** Shows only charts in whose name each word of the text occurs. */
  filter(text: string): void {
    if (text !== this._text) {
      [this._text, this._n_pages] = [text, 1];
      this._show();
    }
  }

  /** Hides these curves in all charts, and shows the others. */
  setHidden(hidden: ReadonlySet<number>): void {
    this._hidden = hidden;
    this._places.forEach(({ chart }) => chart?.setHidden(hidden));
  }

  /** Calls the curves so from now on, in the charts that stand too. */
  rename(labels: readonly string[]): void {
    if (this._curves.some(({ label }, i) => label !== labels[i])) {
      this._curves = this._curves.map((curve, i) => ({ ...curve, label: labels[i] ?? curve.label }));
      this._places.forEach(({ chart }) => chart?.update({ labels }));
    }
  }

  dispose(): void {
    this._nearby.disconnect();
    this._resized.disconnect();
    this._below.dispose();
    this._linking.dispose();
    this._places.forEach(place => this._drop(place));
    this._places.clear();
  }

  private _defineSteps(metrics: readonly Plotted[]): void {
    const steps = [...new Set(metrics.map(metric => metric.step_metric).filter(step => step !== null))];
    if (steps.join('\n') !== this._stepMetrics.join('\n')) {
      this._stepMetrics = steps;
      this._places.forEach(({ chart }) => chart?.update({ stepMetrics: steps }));
    }
  }

  private _options(): ChartOptions {
    const { words, storage, onHidden } = this._around;
    const hiding = onHidden === undefined ? {} : { hidden: this._hidden, onHidden };
    const shared = this._linking.together;
    return { height: this._height, words, storage, stepMetrics: this._stepMetrics, shared, ...hiding };
  }

  private _showMore(): void {
    this._n_pages += 1;
    this._show();
  }

  private _show(): void {
    const found = matching(this._groups, this._text);
    const shown = firstOf(found, this._n_pages * PAGE.sections, this._n_pages * PAGE.charts);
    const places = new Set(shown.flatMap(({ metrics }) => metrics.map(metric => this._placeOf(metric))));
    this._places.forEach(place => (place.host.hidden = !places.has(place)));
    this._showSections(found, new Set(shown.map(({ name }) => name)));
    const n_left = count(found) - places.size;
    this._next.hidden = n_left === 0;
    setText(this._next, this._words.__('Show more (%1 charts)', n_left));
    this._linking.node.hidden = places.size < 2;
    const why = count(this._groups) > 0 ? this._words.__('Nothing matches.') : this._words.__('Nothing was logged yet.');
    setText(this._more, places.size === 0 ? why : '');
    this._below.look();
  }

  private _showSections(found: readonly Group[], shown: ReadonlySet<string>): void {
    const counts = new Map(found.map(({ name, metrics }) => [name, metrics.length]));
    const general = this._groups.length > 1 ? this._words.__('General') : null;
    const nodes: HTMLElement[] = [];
    for (const { name, metrics } of this._groups) {
      const section = shown.has(name) ? this._sectionOf(name) : this._sections.get(name);
      if (section !== undefined) {
        const hosts = metrics.flatMap(metric => this._places.get(metric.name)?.host ?? []);
        section.show(hosts, counts.get(name) ?? 0, general);
        section.node.hidden = !shown.has(name);
        nodes.push(section.node);
      }
    }
    arrange(this._list, nodes);
  }

  private _placeOf(metric: Plotted): Place {
    const known = this._places.get(metric.name);
    if (known !== undefined) {
      return known;
    }
    const place = new Place(metric, this._common);
    this._places.set(metric.name, place);
    this._hosts.set(place.host, place);
    this._nearby.observe(place.host);
    return place;
  }

  private _sectionOf(name: string): Section {
    const known = this._sections.get(name);
    const section = known ?? new Section(name, this._closed.has(name), isClosed => this._closed.set(name, isClosed));
    this._sections.set(name, section);
    return section;
  }

  private _take(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      this._hosts.get(target)?.see(isIntersecting);
    }
    const mounted = [...this._places.values()].filter(place => place.chart !== null);
    const away = mounted.filter(place => !place.isSeen);
    away.slice(0, Math.max(0, mounted.length - MAX_MOUNTED)).forEach(place => place.takeDown());
  }

  private _fit(): void {
    const hosts = [...this._places.values()].map(({ host }) => host).filter(host => host.offsetParent !== null);
    const page = this.node.closest('.nbt-tabpage');
    const height = plotHeight(page, this.node, hosts, this._height);
    if (height !== this._height && hosts.length > 0) {
      this._height = height;
      this._places.forEach(({ chart }) => chart?.setHeight(height));
    }
  }

  private _drop(place: Place): void {
    this._nearby.unobserve(place.host);
    this._hosts.delete(place.host);
    place.takeDown();
    place.host.remove();
  }

  private readonly _words: Words;
  private readonly _closed: ClosedSections;
  private readonly _linking: Linking;
  private readonly _common: Common;
  private readonly _nearby: IntersectionObserver;
  private readonly _resized: ResizeObserver;
  private readonly _below: Below;
  private readonly _list = element('div', { class: 'nbt-section-list' });
  private readonly _next: HTMLButtonElement;
  private readonly _more = element('p', { class: 'nbt-more' });
  private readonly _places = new Map<string, Place>();
  private readonly _hosts = new Map<Element, Place>();
  private readonly _sections = new Map<string, Section>();
  private _groups: readonly Group[] = [];
  private _stepMetrics: readonly string[] = [];
  private _hidden: ReadonlySet<number> = new Set();
  /** Of the plots. */
  private _height = USUAL;
  private _n_pages = 1;
  private _text = '';
}

function count(groups: readonly Group[]): number {
  return groups.reduce((n, { metrics }) => n + metrics.length, 0);
}
