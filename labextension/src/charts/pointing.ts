/** What is under the cursor, what is said of it, and which cell made it. */

import { at } from './bins.js';
import { type Frame, inView } from './geometry.js';
import { formatCount } from './format.js';
import { type Near, nearest, ranked } from './hover.js';
import type { Plot } from './plot.js';
import { place } from './scales.js';
import { type Scene, sceneTurns } from './scene.js';
import { madeIn } from './segments.js';
import type { Source, When } from './source.js';
import { rowsIn, tellPoint, Tip, Voice, xText } from './tip.js';
import { TurnTip } from './turnTip.js';
import type { ChartOptions, ChartSource } from './types.js';

type Words = (text: string, ...args: string[]) => string;

/** Wait so long before the feed is asked when a point was logged. */
const REST_MS = 80;

/** The cursor of a chart, moved by mouse or by key. */
export class Pointing {
  readonly tip = new Tip();
  readonly voice = new Voice();

  constructor(
    private readonly _given: readonly ChartSource[],
    private readonly _known: readonly Source[],
    private readonly _options: ChartOptions,
    private readonly _words: Words
  ) {
    this._turn = new TurnTip(_given, _options, _words);
  }

  /** Whether a click leads to the cell of a mark. */
  get isOnMark(): boolean {
    return this._turn.leads;
  }

  /** The cursor stands here in the plot; null if it has left. */
  move(at_: { x: number; y: number } | null, scene: Scene, frame: Frame, left: number, top: number): void {
    this._at = at_;
    this._left = left;
    this._top = top;
    this._find(scene, frame);
  }

  /** What is drawn has changed under the cursor. */
  again(scene: Scene, frame: Frame): void {
    if (this._at !== null) {
      this._find(scene, frame);
    }
  }

  /** Go to the next or the previous point of the newest segment of the first line. */
  step(by: number, scene: Scene, frame: Frame, plot: Plot): void {
    const part = scene.lines.find(line => line.parts.length > 0)?.parts.at(-1);
    if (part === undefined) {
      return;
    }
    const { from, to } = inView(part.bins, frame.x);
    const places: number[] = [];
    for (let i = from; i < to; i += 1) {
      const x = place(frame.x, at(part.bins.xFirst, i)) * frame.width;
      if (at(part.bins.count, i) > 0 && x >= 0 && x <= frame.width) {
        places.push(x);
      }
    }
    const now = this._points[0]?.x ?? (by > 0 ? -1 : frame.width + 1);
    const next = by > 0 ? places.find(x => x > now + 0.01) : places.reverse().find(x => x < now - 0.01);
    const x = next ?? places.at(-1);
    if (x !== undefined) {
      const [near] = nearest([[part]], frame, x, frame.height / 2);
      this._isByKey = true;
      const y = near === undefined || Number.isNaN(near.y) ? frame.height / 2 : near.y;
      plot.point(x, Math.max(0, Math.min(frame.height, y)));
    }
  }

  /** Go to the next or the previous mark of a cell or a segment. */
  stepMark(by: number, scene: Scene, frame: Frame, plot: Plot): void {
    const places = sceneTurns(scene, frame.width, frame.height).marks.map(({ left }) => left);
    const now = this._at?.x ?? (by > 0 ? -1 : frame.width + 1);
    const x = by > 0 ? places.find(left => left > now + 0.5) : places.reverse().find(left => left < now - 0.5);
    if (x !== undefined) {
      this._isByKey = true;
      plot.point(x, frame.height / 2);
    }
  }

  /** Go to the cell of the mark that is clicked, or to the cell that made the nearest point. */
  open(isClick: boolean): void {
    if (isClick && this._turn.open()) {
      return;
    }
    const [near] = this._points;
    const source = near === undefined ? undefined : this._given[near.line];
    const execution = near === undefined ? null : this._executions(near).at(-1);
    if (source !== undefined && typeof execution === 'string') {
      this._options.onCell?.(execution, source);
    }
  }

  dispose(): void {
    this._cancel();
    this._points = [];
  }

  private _find(scene: Scene, frame: Frame): void {
    const { _at: at_ } = this;
    this._cancel();
    this._points = at_ === null ? [] : nearest(scene.lines.map(line => line.parts), frame, at_.x, at_.y);
    this._turn.move(sceneTurns(scene, frame.width, frame.height).marks, at_ === null ? null : at_.x);
    if (at_ === null) {
      this.tip.hide();
      return;
    }
    this._width = this._left + frame.width;
    this._height = this._top + frame.height;
    this._show(scene);
    this._timer = setTimeout(() => this._tellMore(scene), REST_MS);
  }

  /** The first and the last cell that made the points of a bin; null where that cannot be told. */
  private _executions({ line, bins, i }: Near): (string | null)[] {
    const known = this._known[line];
    const { first, last, isSure } = madeIn(bins, i, known?.stretches ?? [], known?.nRows);
    return isSure ? [first?.execution ?? null, last?.execution ?? null] : [null];
  }

  private _tellMore(scene: Scene): void {
    this._turn.name(() => this._show(scene));
    for (const near of this._points.slice(0, 1)) {
      const source = this._given[near.line];
      const row = at(near.bins.row, near.i);
      const key = `${near.line}:${row}`;
      const redraw = (): void => {
        if (this._points[0] === near) {
          this._show(scene);
        }
      };
      this._known[near.line]?.when(row, at(near.bins.size, near.i)).then(
        when => {
          this._whens = { key, when };
          redraw();
        },
        () => undefined
      );
      if (source !== undefined) {
        this._nameCells(near, source).then(
          cell => {
            this._cells = { key, cell };
            redraw();
          },
          () => undefined
        );
      }
    }
  }

  private async _nameCells(near: Near, source: ChartSource): Promise<string | null> {
    const executions = new Set(this._executions(near));
    const names = await Promise.all(
      [...executions].map(execution => (execution === null ? null : (this._options.nameCell?.(execution, source) ?? null)))
    );
    const known = [...new Set(names)].filter(name => name !== null);
    return known.length > 0 ? known.join(' … ') : null;
  }

  private _show(scene: Scene): void {
    const shown = ranked(this._points, rowsIn(this._height));
    const [closest] = this._points;
    const where = closest === undefined ? '' : this._where(closest, scene);
    const told = shown.map(near => {
      const isNearest = near === closest;
      const key = `${near.line}:${at(near.bins.row, near.i)}`;
      const when = this._whens?.key === key ? this._whens.when : null;
      const cell = this._cells?.key === key ? this._cells.cell : null;
      const label = scene.lines[near.line]?.label ?? '';
      const texts = tellPoint({ label, near, cell, when }, scene.of, this._text);
      // What holds for the nearest point is said once.
      const isElse = isNearest || this._where(near, scene) !== where;
      return { texts: isElse ? texts : texts.slice(0, 1), color: scene.lines[near.line]?.color ?? '', isNearest };
    });
    const n = this._points.length - shown.length;
    const more = n === 0 ? [] : [`${this._words('and')} ${formatCount(n)} ${this._words('more')}`];
    const below = [...more, ...this._turn.texts()];
    const { x, y } = this._at ?? { x: 0, y: 0 };
    this.tip.show(told, below, this._left + x, this._top + y, this._width);
    if (this._isByKey) {
      this.voice.say([...told.map(({ texts }) => texts.join(', ')), ...below].join('. '));
    }
  }

  private _where({ bins, i }: Near, scene: Scene): string {
    return xText(scene.of, at(bins.xFirst, i), at(bins.xLast, i), this._text);
  }

  private readonly _text = (text: string): string => this._words(text);

  private _cancel(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
  }

  private readonly _turn: TurnTip;
  private _at: { x: number; y: number } | null = null;
  private _points: Near[] = [];
  private _whens: { key: string; when: When } | null = null;
  private _cells: { key: string; cell: string | null } | null = null;
  private _isByKey = false;
  private _left = 0;
  private _top = 0;
  private _width = 0;
  private _height = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
