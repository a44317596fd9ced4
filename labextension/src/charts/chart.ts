/** A chart on the screen: puts data, scene, plot and controls together. */

import { STEP } from './axes.js';
import { type Choices, recalled, remember } from './choices.js';
import { csvOf, dataRows } from './csv.js';
import { Description } from './description.js';
import { Legend, pngOf } from './legend.js';
import { Looks } from './looks.js';
import { make, newId, say } from './nodes.js';
import { Pace } from './pace.js';
import { type Box, paint } from './paint.js';
import { Plot, type PlotClient } from './plot.js';
import { Pointing } from './pointing.js';
import { save } from './saving.js';
import { drawScene, frameOf, type Scene, sceneNote, sceneOf, sceneText, ticksOf } from './scene.js';
import { Sight } from './sight.js';
import { Source } from './source.js';
import { svgOf } from './svg.js';
import { Table } from './table.js';
import type { Theme } from './theme.js';
import { KEYS, Tools } from './tools.js';
import type { ChartHandle, ChartOptions, ChartSource } from './types.js';
import { actionOf, type Range } from './view.js';

const HEIGHT = 220;
const LEAST_WIDTH = 120;

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
    this._table = new Table(() => dataRows(this._scene), this._text);
    this._looks = new Looks(this.element, _host, () => this._pace.wish());
    this._scene = this._look();
    this._build();
    this._looks.wear();
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
    return pngOf(this._plot.canvas, this._title, this._scene.lines, this._looks.theme, this._plot.ratio);
  }

  exportSvg(): string {
    const { box } = this._plot;
    const picture = drawScene(this._scene, box.width, box.height);
    const { x, y } = ticksOf(this._scene, box.width, box.height);
    const size = { width: this._wide(), height: this._height };
    const words = { id: newId(), title: this._title, summary: this.summary() };
    return svgOf({ ...words, ...size, box, x, y, legend: this._scene.lines, picture, theme: this._looks.theme });
  }

  exportCsv(): string {
    return csvOf(this._scene);
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
    this._looks.dispose();
    this._summary.dispose();
    this.element.remove();
  }

  theme(): Theme {
    return this._looks.theme;
  }

  xTicks(): ReturnType<typeof ticksOf>['x'] {
    return ticksOf(this._scene, this._size().width, this._size().height).x;
  }

  yTicks(): ReturnType<typeof ticksOf>['y'] {
    return ticksOf(this._scene, this._size().width, this._size().height).y;
  }

  paint(context: CanvasRenderingContext2D, box: Box, ratio: number): void {
    paint(context, drawScene(this._scene, box.width, box.height), box, this._looks.theme, ratio);
  }

  moved(at: { x: number; y: number } | null): void {
    const { left, top, width, height } = this._plot.box;
    this._pointing.move(at, this._scene, frameOf(this._scene, width, height), left, top);
  }

  clicked(): void {
    this._pointing.open();
  }

  selected(x: Range | null, y: Range | null): void {
    this._sight.select(x, y);
  }

  wheeled(factor: number, around: number): void {
    this._sight.zoom('x', factor, around);
  }

  dragged(x: number, y: number): void {
    this._sight.pan(x, y);
  }

  reset(): void {
    this._sight.reset();
  }

  private _build(): void {
    this.element.setAttribute('aria-label', this._title);
    this.element.setAttribute('aria-describedby', this._summary.node.id);
    this._area.setAttribute('aria-label', `${this._title}. ${this._text(KEYS)}`);
    const head = make('div', { class: 'nbt-chart-head' },
      make('span', { class: 'nbt-chart-title', title: this._title }, this._title),
      this._note, this._tools.resetter, this._tools.opener);
    this.element.append(
      head, this._tools.node, this._area, this._legend.node,
      this._summary.node, this._pointing.voice.node, this._table.node
    );
    this._host.append(this.element);
  }

  private _listen(): void {
    this._stops.push(...this._given.map(({ feed }) => feed.listen(() => this._pace.news())));
    const resized = new ResizeObserver(() => this._resize());
    resized.observe(this._area);
    this._stops.push(() => resized.disconnect());
    const key = (event: KeyboardEvent): void => this._press(event);
    this._area.addEventListener('keydown', key);
    this._stops.push(() => this._area.removeEventListener('keydown', key));
  }

  /** The element may have come into another tree since it was made. */
  private _resize(): void {
    this._looks.wear();
    this._plot.resize(this._wide(), this._height);
    this._looks.wish();
  }

  private _ask(): void {
    const { x, ema } = this._choices;
    // Twice as many bins as pixels: then no bin is wider than a pixel.
    const bins = 2 ** Math.ceil(Math.log2(Math.max(256, 2 * this._size().width * this._ratio())));
    this._known.forEach(source => void source.ask({ x, ema, bins }));
  }

  private _look(): Scene {
    return sceneOf(this._given, this._known, this._choices, this._sight.views, this._looks.theme);
  }

  private _draw(): void {
    this._looks.read();
    this._scene = this._look();
    const { width, height } = this._size();
    this._known.forEach(source => source.look({ x: this._scene.x, width: width * this._ratio() }));
    this._plot.redraw();
    this._pointing.again(this._scene, frameOf(this._scene, width, height));
    this._legend.update(this._scene.lines);
    const { views, isWhole } = this._sight;
    this._plot.zoomed(views.x !== null, views.y !== null);
    this._table.update(JSON.stringify([this._scene.of, views]));
    this._tools.update(this._choices, !isWhole, this._table.isOpen);
    const error = this._known.map(source => source.error).find(one => one !== null);
    say(this._note, error ?? sceneNote(this._scene, (text, ...args) => this._words(text, ...args)));
    this._summary.update();
  }

  private _choose(change: Partial<Choices>): void {
    this._choices = { ...this._choices, ...change };
    if (change.x !== undefined || change.isLogX !== undefined || change.isLogY !== undefined) {
      this._sight.reset();
    }
    remember(this._options.storage, this._key, this._choices);
    if (change.x !== undefined || change.ema !== undefined) {
      // A slider that is dragged changes with every pixel.
      this._pace.news();
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
    const { width, height } = this._plot.box;
    if (action.kind === 'open') {
      this._pointing.open();
    } else if (action.kind === 'cursor') {
      this._pointing.step(action.by, this._scene, frameOf(this._scene, width, height), this._plot);
    } else {
      if (action.kind === 'reset') {
        this._plot.hide();
      }
      this._sight.act(action);
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
      save: kind => void save(this, this._title, kind).catch(error => say(this._note, String(error)))
    };
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
  private readonly _summary = new Description(() => this.summary());
  private readonly _legend = new Legend();
  private readonly _tools: Tools;
  private readonly _table: Table;
  private readonly _pointing: Pointing;
  private readonly _known: Source[];
  private readonly _pace: Pace;
  private readonly _plot: Plot;
  private readonly _stops: (() => void)[] = [];
  private readonly _looks: Looks;
  private _scene: Scene;
  private readonly _sight = new Sight(
    () => this._scene,
    () => {
      this._scene = this._look();
      this._pace.wish();
    }
  );
  private _choices: Choices;
  private _isDisposed = false;
}
