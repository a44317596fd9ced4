/** A chart on the screen: puts data, scene, plot and controls together. */

import { Chooser } from './chooser.js';
import { dataRows } from './csv.js';
import { Description } from './description.js';
import { Legend } from './legend.js';
import { Looks } from './looks.js';
import { say } from './nodes.js';
import { Pace } from './pace.js';
import { type Box, paint } from './paint.js';
import { Plot, type PlotClient } from './plot.js';
import { Pointing } from './pointing.js';
import { csvNow, type Moment, pngNow, save, svgNow } from './saving.js';
import { drawScene, frameOf, type Scene, sceneNote, sceneOf, sceneText, sceneTurns, ticksOf } from './scene.js';
import { Shell } from './shell.js';
import { Source } from './source.js';
import { Table } from './table.js';
import type { Theme } from './theme.js';
import { KEYS, Tools } from './tools.js';
import type { ChartChange, ChartHandle, ChartOptions, ChartSource } from './types.js';
import { actionOf, type Range } from './view.js';

const HEIGHT = 220;

/** See `mountChart`. */
export class Chart implements ChartHandle, PlotClient {
  constructor(
    private readonly _host: HTMLElement,
    private readonly _given: readonly ChartSource[],
    private readonly _options: ChartOptions
  ) {
    this._named = _given;
    this._title = _options.title ?? _given[0]?.metric ?? '';
    this._height = _options.height ?? HEIGHT;
    this._pace = new Pace(this.element, () => this._ask(), () => this._draw());
    const changed = (): void => this._pace.wish();
    this._known = _given.map(({ feed, metric }) => new Source(feed, metric, changed));
    this._chosen = new Chooser(_given, _options, {
      scene: () => this._scene,
      changed: () => this._relook(),
      // A slider that is dragged changes with every pixel.
      wanted: () => this._pace.news()
    });
    this._pointing = new Pointing(_given, this._known, _options, this._words);
    this._tools = new Tools(this._toolsClient(), this._text, this._chosen.stepMetrics);
    this._legend = new Legend(this._chosen, this._text);
    this._table = new Table(() => dataRows(this._scene), this._text);
    this._looks = new Looks(this.element, _host, changed);
    this._scene = this._look();
    this._build();
    this._looks.wear();
    const { width, height } = this._shell.room(this._height);
    this._plot = new Plot(this._area, this, width, height);
    this._area.append(this._pointing.tip.node);
    this._listen();
    this._chosen.begin();
    this._ask();
    this._pace.wish();
  }

  get element(): HTMLElement {
    return this._shell.element;
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

  update({ stepMetrics, labels }: ChartChange): void {
    if (stepMetrics !== undefined) {
      this._chosen.offer(stepMetrics);
      this._tools.offer(stepMetrics);
    }
    if (labels !== undefined) {
      this._named = this._given.map((source, i) => ({ ...source, label: labels[i] ?? source.label }));
      this._relook();
    }
  }

  setHidden(hidden: ReadonlySet<number>): void {
    this._chosen.hide(hidden);
  }

  summary(): string {
    const { width, height } = this._size();
    return sceneText(this._scene, this._title, sceneTurns(this._scene, width, height), this._words);
  }

  exportPng(): Promise<Blob> {
    return pngNow(this._moment());
  }

  exportSvg(): string {
    return svgNow(this._moment());
  }

  exportCsv(): string {
    return csvNow(this._moment());
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._stops.forEach(stop => stop());
    this._chosen.dispose();
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
    paint(context, drawScene(this._scene, box.width, box.height, ratio), box, this._looks.theme, ratio);
  }

  moved(at: { x: number; y: number } | null): void {
    const { left, top, width, height } = this._plot.box;
    this._pointing.move(at, this._scene, frameOf(this._scene, width, height), left, top);
    this._area.classList.toggle('nbt-chart-on-mark', this._pointing.isOnMark);
  }

  clicked(): void {
    this._pointing.open(true);
  }

  selected(x: Range | null, y: Range | null): void {
    this._chosen.sight.select(x, y);
  }

  wheeled(factor: number, around: number): void {
    this._chosen.sight.zoom('x', factor, around);
  }

  dragged(x: number, y: number): void {
    this._chosen.sight.pan(x, y);
  }

  reset(): void {
    this._chosen.sight.reset();
  }

  private _build(): void {
    const { node: tools, resetter, opener } = this._tools;
    const [summary, voice] = [this._summary.node, this._pointing.voice.node];
    const [legend, table] = [this._legend.node, this._table.node];
    this._shell.fill(this._title, this._text(KEYS), { tools, resetter, opener, legend, summary, voice, table });
    this._host.append(this.element);
  }

  private _listen(): void {
    this._stops.push(...this._given.map(({ feed }) => feed.listen(() => this._pace.news())));
    this._stops.push(this._shell.watch(() => this._resize()));
    const key = (event: KeyboardEvent): void => this._press(event);
    this._area.addEventListener('keydown', key);
    this._stops.push(() => this._area.removeEventListener('keydown', key));
  }

  /** The element may have come into another tree since it was made. */
  private _resize(): void {
    this._looks.wear();
    const { width, height } = this._shell.room(this._height);
    this._plot.resize(width, height);
    this._looks.wish();
  }

  private _ask(): void {
    const { x, ema } = this._chosen.choices;
    // Twice as many bins as pixels: then no bin is wider than a pixel.
    const bins = 2 ** Math.ceil(Math.log2(Math.max(256, 2 * this._size().width * this._ratio())));
    this._shown().forEach(source => void source.ask({ x, ema, bins }));
  }

  private _look(): Scene {
    return sceneOf(this._named, this._known, this._chosen.now, this._looks.theme);
  }

  private _relook(): void {
    this._scene = this._look();
    this._pace.wish();
  }

  private _draw(): void {
    this._looks.read();
    this._scene = this._look();
    const { width, height } = this._size();
    this._shown().forEach(source => source.look({ x: this._scene.x, width: width * this._ratio() }));
    this._plot.redraw();
    this._pointing.again(this._scene, frameOf(this._scene, width, height));
    this._legend.update(this._scene.lines);
    const { views, isWhole } = this._chosen.sight;
    this._plot.zoomed(views.x !== null, views.y !== null);
    this._table.update(JSON.stringify([this._scene.of, views, [...this._chosen.hidden]]));
    this._tools.update(this._chosen.choices, !isWhole, this._table.isOpen);
    const error = this._shown().find(source => source.error !== null)?.error;
    say(this._shell.note, error ?? sceneNote(this._scene, sceneTurns(this._scene, width, height), this._words));
    this._summary.update();
  }

  private _press(event: KeyboardEvent): void {
    const action = actionOf(event.key, event.shiftKey, event.ctrlKey || event.altKey || event.metaKey);
    if (action === null) {
      return;
    }
    event.preventDefault();
    // Lab and the notebook have commands of their own on these keys.
    event.stopPropagation();
    const { width, height } = this._plot.box;
    if (action.kind === 'open') {
      this._pointing.open(false);
    } else if (action.kind === 'cursor') {
      this._pointing.step(action.by, this._scene, frameOf(this._scene, width, height), this._plot);
    } else if (action.kind === 'mark') {
      this._pointing.stepMark(action.by, this._scene, frameOf(this._scene, width, height), this._plot);
    } else {
      if (action.kind === 'reset') {
        this._plot.hide();
      }
      this._chosen.sight.act(action);
    }
  }

  private _toolsClient(): ConstructorParameters<typeof Tools>[0] {
    return {
      choose: change => this._chosen.choose(change),
      reset: () => this.reset(),
      toggleTable: () => {
        this._table.toggle();
        this._pace.wish();
      },
      save: kind => void save(this._moment(), kind).catch(error => say(this._shell.note, String(error)))
    };
  }

  private _moment(): Moment {
    const { _title: title, _scene: scene, _plot: plot } = this;
    return { title, summary: this.summary(), scene, theme: this._looks.theme, plot };
  }

  private _shown(): Source[] {
    return this._known.filter((_, i) => !this._chosen.hidden.has(i));
  }

  private _size(): { width: number; height: number } {
    const box = (this._plot as Plot | undefined)?.box;
    return box !== undefined && box.width > 0 ? box : { width: this._shell.room(0).width - 60, height: HEIGHT - 40 };
  }

  private _ratio(): number {
    return globalThis.devicePixelRatio || 1;
  }

  private readonly _words = (text: string, ...args: string[]): string => {
    const said = this._options.words?.__(text, ...args) ?? text;
    return said.replace(/%(\d)/g, (whole, i: string) => args[Number(i) - 1] ?? whole);
  };

  private readonly _text = (text: string): string => this._words(text);
  private readonly _title: string;
  private _height: number;
  private _named: readonly ChartSource[];
  private readonly _shell = new Shell();
  private readonly _area = this._shell.area;
  private readonly _summary = new Description(() => this.summary());
  private readonly _legend: Legend;
  private readonly _tools: Tools;
  private readonly _table: Table;
  private readonly _pointing: Pointing;
  private readonly _known: Source[];
  private readonly _pace: Pace;
  private readonly _plot: Plot;
  private readonly _stops: (() => void)[] = [];
  private readonly _looks: Looks;
  private readonly _chosen: Chooser;
  private _scene: Scene;
  private _isDisposed = false;
}
