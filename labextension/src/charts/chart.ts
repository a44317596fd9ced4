/** A chart on the screen: puts data, scene, plot and controls together. */

import { STEP } from './axes.js';
import { type Choices, recalled, remember } from './choices.js';
import { csvOf, dataRows } from './csv.js';
import { shownOf } from './facts.js';
import { formatCount } from './format.js';
import { Legend, pngOf } from './legend.js';
import { download, make, newId, say } from './nodes.js';
import { Pace } from './pace.js';
import { type Box, paint } from './paint.js';
import { Plot, type PlotClient } from './plot.js';
import { Pointing } from './pointing.js';
import { drawScene, frameOf, type Scene, sceneOf, sceneText, ticksOf, xName } from './scene.js';
import { Source } from './source.js';
import { wearStyle } from './style.js';
import { svgOf } from './svg.js';
import { Table } from './table.js';
import { type Theme, themeOf, watchTheme } from './theme.js';
import { Tools } from './tools.js';
import type { ChartHandle, ChartOptions, ChartSource } from './types.js';
import { actionOf, panned, type View, within, zoomed } from './view.js';

const HEIGHT = 220;
const LEAST_WIDTH = 120;
const SUMMARY_EVERY_MS = 5000;
/** To read the theme, a browser works out all styles anew. */
const THEME_EVERY_MS = 1000;

/** See `mountChart`. */
export class Chart implements ChartHandle, PlotClient {
  readonly element = make('div', { class: 'nbt-chart', role: 'figure' });

  constructor(
    private readonly _host: HTMLElement,
    private readonly _given: readonly ChartSource[],
    private readonly _options: ChartOptions
  ) {
    this._title = _options.title ?? _given[0]?.metric ?? '';
    this._key = _options.key ?? _given[0]?.metric ?? '';
    this._height = _options.height ?? HEIGHT;
    const initial: Choices = { x: _options.x ?? STEP, isLogX: false, isLogY: false, ema: 0 };
    this._choices = recalled(_options.storage, this._key, initial);
    this._pace = new Pace(this.element, () => this._ask(), () => this._draw());
    const changed = (): void => this._pace.wish();
    this._known = _given.map(({ feed, metric }) => new Source(feed, metric, changed));
    this._pointing = new Pointing(_given, this._known, _options, this._text);
    this._tools = new Tools(this._toolsClient(), this._text, _options.stepMetrics ?? []);
    this._table = new Table(() => dataRows(this._scene.lines, this._scene.x), this._text);
    this._theme = themeOf(_host);
    this._scene = this._look();
    this._build();
    this._takeOff = wearStyle(this.element);
    this._plot = new Plot(this._area, this, this._wide(), this._height);
    this._area.append(this._pointing.tip.node);
    this._listen();
    this._ask();
    this._pace.wish();
  }

  refresh(): void {
    this._ask();
  }

  setHeight(height: number): void {
    if (height !== this._height && !this._isDisposed) {
      this._height = height;
      this._resize();
    }
  }

  summary(): string {
    return sceneText(this._scene, this._title, this._text);
  }

  async exportPng(): Promise<Blob> {
    return pngOf(this._plot.canvas, this._title, this._scene.lines, this._theme, this._plot.ratio);
  }

  exportSvg(): string {
    const { box } = this._plot;
    const picture = drawScene(this._scene, box.width, box.height);
    const { x, y } = ticksOf(this._scene, box.width, box.height);
    const size = { width: this._wide(), height: this._height };
    const words = { id: newId(), title: this._title, summary: this.summary() };
    return svgOf({ ...words, ...size, box, x, y, legend: this._scene.lines, picture, theme: this._theme });
  }

  exportCsv(): string {
    return csvOf(this._scene.lines, this._scene.x);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._stops.forEach(stop => stop());
    this._pace.dispose();
    this._pointing.dispose();
    this._known.forEach(source => source.dispose());
    this._plot.dispose();
    this._takeOff();
    this.element.remove();
  }

  theme(): Theme {
    return this._theme;
  }

  xTicks(): ReturnType<typeof ticksOf>['x'] {
    return ticksOf(this._scene, this._size().width, this._size().height).x;
  }

  yTicks(): ReturnType<typeof ticksOf>['y'] {
    return ticksOf(this._scene, this._size().width, this._size().height).y;
  }

  paint(context: CanvasRenderingContext2D, box: Box, ratio: number): void {
    paint(context, drawScene(this._scene, box.width, box.height), box, this._theme, ratio);
  }

  moved(at: { x: number; y: number } | null): void {
    const { left, top, width, height } = this._plot.box;
    this._pointing.move(at, this._scene, frameOf(this._scene, width, height), left, top);
  }

  clicked(): void {
    this._pointing.open();
  }

  selected(from: number, to: number): void {
    this._see(within(this._scene.whole, this._scene.x, from, to));
  }

  wheeled(factor: number, around: number): void {
    this._see(zoomed(this._scene.whole, this._scene.x, factor, around));
  }

  dragged(share: number): void {
    this._see(panned(this._scene.whole, this._scene.x, share));
  }

  reset(): void {
    this._see(null);
  }

  private _build(): void {
    const summary = newId();
    this._summary.id = summary;
    this.element.setAttribute('aria-label', this._title);
    this.element.setAttribute('aria-describedby', summary);
    const keys = this._text('Arrow keys read points, + and − zoom, Shift and arrows move, Escape shows all');
    this._area.setAttribute('aria-label', `${this._title}. ${keys}`);
    const head = make('div', { class: 'nbt-chart-head' },
      make('span', { class: 'nbt-chart-title', title: this._title }, this._title),
      this._note, this._tools.resetter, this._tools.opener);
    this.element.append(
      head, this._tools.node, this._area, this._legend.node, this._summary, this._pointing.voice.node, this._table.node
    );
    this._host.append(this.element);
  }

  private _listen(): void {
    this._stops.push(watchTheme(this.element, () => this._wishTheme()));
    this._stops.push(...this._given.map(({ feed }) => feed.listen(() => this._pace.news())));
    const resized = new ResizeObserver(() => this._resize());
    resized.observe(this._area);
    this._stops.push(() => resized.disconnect());
    const key = (event: KeyboardEvent): void => this._press(event);
    this._area.addEventListener('keydown', key);
    this._stops.push(() => this._area.removeEventListener('keydown', key));
    this._stops.push(() => clearTimeout(this._timer));
  }

  /** The element may have come into another tree since it was made. */
  private _resize(): void {
    const takeOff = wearStyle(this.element);
    this._takeOff();
    this._takeOff = takeOff;
    this._plot.resize(this._wide(), this._height);
    this._wishTheme();
  }

  private _wishTheme(): void {
    this._themeAt = -Infinity;
    this._pace.wish();
  }

  private _readTheme(): void {
    const now = performance.now();
    if (now - this._themeAt >= THEME_EVERY_MS) {
      this._themeAt = now;
      this._theme = themeOf(this.element);
    }
  }

  private _ask(): void {
    const { x, ema } = this._choices;
    // Twice as many bins as pixels: then no bin is wider than a pixel.
    const bins = 2 ** Math.ceil(Math.log2(Math.max(256, 2 * this._size().width * this._ratio())));
    this._known.forEach(source => void source.ask({ x, ema, bins }));
  }

  private _look(): Scene {
    return sceneOf(this._given, this._known, this._choices, this._view, this._theme);
  }

  private _draw(): void {
    this._readTheme();
    this._scene = this._look();
    const { width, height } = this._size();
    this._known.forEach(source => source.look({ x: this._scene.x, width: width * this._ratio() }));
    this._plot.redraw();
    this._pointing.again(this._scene, frameOf(this._scene, width, height));
    this._legend.update(this._scene.lines);
    this._table.update(`${this._scene.of} ${String(this._view)}`);
    this._tools.update(this._choices, this._view !== null, this._table.isOpen);
    const shown = shownOf(this._scene.lines.flatMap(line => line.parts), this._scene.x);
    const errors = this._known.map(source => source.error).filter(error => error !== null);
    const counts = shown === null ? '' : this._words('%1 of %2 points', ...shown.map(formatCount));
    const along = this._scene.of === STEP ? '' : `${this._words('over')} ${xName(this._scene.of, this._text)}`;
    say(this._note, errors[0] ?? [along, counts].filter(Boolean).join(' · '));
    this._describe();
  }

  /** Say what is shown, but not so often that nobody can listen. */
  private _describe(): void {
    const wait = this._describedAt + SUMMARY_EVERY_MS - Date.now();
    clearTimeout(this._timer);
    if (wait <= 0) {
      this._describedAt = Date.now();
      say(this._summary, this.summary());
    } else {
      this._timer = setTimeout(() => this._describe(), wait);
    }
  }

  private _see(view: View): void {
    this._view = view;
    this._scene = this._look();
    this._pace.wish();
  }

  private _choose(change: Partial<Choices>): void {
    const isOther = change.x !== undefined || change.isLogX !== undefined;
    this._choices = { ...this._choices, ...change };
    this._view = isOther ? null : this._view;
    remember(this._options.storage, this._key, this._choices);
    if (change.x !== undefined || change.ema !== undefined) {
      this._ask();
    }
    this._pace.wish();
  }

  private _press(event: KeyboardEvent): void {
    const isOther = event.ctrlKey || event.altKey || event.metaKey;
    const action = actionOf(event.key, event.shiftKey, isOther);
    if (action === null) {
      return;
    }
    event.preventDefault();
    // Lab and the notebook have commands of their own on these keys.
    event.stopPropagation();
    const { whole, x } = this._scene;
    const { width, height } = this._plot.box;
    switch (action.kind) {
      case 'zoom':
        return this._see(zoomed(whole, x, action.factor, 0.5));
      case 'pan':
        return this._see(panned(whole, x, action.share));
      case 'edge':
        return this._see(panned(whole, x, action.side === 'start' ? -Infinity : Infinity));
      case 'reset':
        this._plot.point(-10, -10);
        return this._see(null);
      case 'open':
        return this._pointing.open();
      case 'cursor':
        return this._pointing.step(action.by, this._scene, frameOf(this._scene, width, height), this._plot);
      default:
        action satisfies never;
    }
  }

  private _toolsClient(): ConstructorParameters<typeof Tools>[0] {
    return {
      choose: change => this._choose(change),
      reset: () => this.reset(),
      toggleTable: () => {
        this._table.toggle();
        this._pace.wish();
      },
      save: kind => void this._save(kind)
    };
  }

  private async _save(kind: 'png' | 'svg' | 'csv'): Promise<void> {
    const content = {
      png: () => this.exportPng(),
      svg: () => new Blob([this.exportSvg()], { type: 'image/svg+xml' }),
      csv: () => new Blob([this.exportCsv()], { type: 'text/csv' })
    };
    try {
      download(`${this._title || 'chart'}.${kind}`, await content[kind]());
    } catch (error) {
      say(this._note, String(error));
    }
  }

  private _wide(): number {
    return Math.max(LEAST_WIDTH, Math.floor(this._area.clientWidth || 600));
  }

  private _size(): { width: number; height: number } {
    const box = (this._plot as Plot | undefined)?.box;
    return box !== undefined && box.width > 0 ? box : { width: this._wide() - 60, height: HEIGHT - 40 };
  }

  private _ratio(): number {
    return globalThis.devicePixelRatio || 1;
  }

  private _words(text: string, ...args: string[]): string {
    const said = this._options.words?.__(text, ...args) ?? text;
    return said.replace(/%(\d)/g, (whole, i: string) => args[Number(i) - 1] ?? whole);
  }

  private readonly _text = (text: string): string => this._words(text);
  private readonly _title: string;
  private readonly _key: string;
  private _height: number;
  private readonly _area = make('div', { class: 'nbt-chart-plot', tabindex: '0', role: 'group' });
  private readonly _note = make('span', { class: 'nbt-chart-note', role: 'note' });
  private readonly _summary = make('p', { class: 'nbt-chart-quiet', 'aria-live': 'polite' });
  private readonly _legend = new Legend();
  private readonly _tools: Tools;
  private readonly _table: Table;
  private readonly _pointing: Pointing;
  private readonly _known: Source[];
  private readonly _pace: Pace;
  private readonly _plot: Plot;
  private readonly _stops: (() => void)[] = [];
  private _takeOff: () => void;
  private _theme: Theme;
  private _themeAt = -Infinity;
  private _scene: Scene;
  private _view: View = null;
  private _choices: Choices;
  private _describedAt = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
