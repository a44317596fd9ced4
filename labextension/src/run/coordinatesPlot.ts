/** The picture of parallel coordinates: an axis beside the other, a line across them for each run. */
import { themeOf, watchTheme } from '../charts/theme.js';
import { axisNode, drawn, gripNode, type Layout, layoutIn, LINE, NAME_LETTERS, put, said } from './coordinatesLayout.js';
import { type Axis, carried, FOOT, isWithin, MISSING, type Range, spread } from './coordinatesScale.js';
import { element } from './elements.js';
import { type Stroke, strokesOf } from './strokes.js';
import type { Words } from './words.js';

/** A run that is drawn. */
export interface Across {
  readonly key: string;
  readonly name: string;
  /** Which curve of the charts it is: it has the same colour and dash. */
  readonly curve: number;
}

const LEAST_DRAG = 3;

/** Axes and lines; hover and focus tell the values of a run, dragging along an axis selects runs. */
export class CoordinatesPlot {
  readonly node = element('div', { class: 'nbt-across', tabindex: '-1' });

  constructor(
    private readonly _words: Words,
    private readonly _onSelect: (n_within: number | null) => void
  ) {
    this._svg.append(this._list, this._back, this._grips, this._ranges, this._told);
    this.node.append(this._svg);
    this._resized.observe(this.node);
    this._stopWatching = watchTheme(this.node, () => this._draw());
    this._svg.addEventListener('pointerdown', event => this._grip(event));
    this._svg.addEventListener('pointermove', event => this._drag(event));
    this._svg.addEventListener('pointerup', () => this._letGo());
    this._svg.addEventListener('pointercancel', () => this._letGo());
    this._svg.addEventListener('pointerover', event => this._light(this._keyOf(event)));
    this._svg.addEventListener('pointerleave', () => this._light(this._focused));
    this.node.addEventListener('keydown', event => this._press(event));
  }

  /** Draws runs across axes; the same ones again change nothing. */
  show(runs: readonly Across[], axes: readonly Axis[], summary: string): void {
    const drawn = JSON.stringify([runs, axes, summary]);
    if (drawn === this._drawn) {
      return;
    }
    this._drawn = drawn;
    for (const [id, range] of this._selected) {
      const [old, now] = [this._axes, axes].map(some => some.find(axis => axis.id === id));
      const moved = old !== undefined && now !== undefined ? carried(range, old, now) : null;
      this._selected.delete(id);
      if (moved !== null) {
        this._selected.set(id, moved);
      }
    }
    [this._runs, this._axes] = [runs, axes];
    this._list.setAttribute('aria-label', summary);
    this._keepItems();
    this._draw();
  }

  dispose(): void {
    this._stopWatching();
    this._resized.disconnect();
    this.node.remove();
  }

  /** Items stay while their runs do, so that the focus does. */
  private _keepItems(): void {
    for (const [key, item] of this._items) {
      if (!this._runs.some(run => run.key === key)) {
        item.remove();
        this._items.delete(key);
      }
    }
    this._runs.forEach(({ key }, i) => {
      const item = this._items.get(key) ?? this._makeItem(key);
      if (this._list.children[i] !== item) {
        this._list.insertBefore(item, this._list.children[i] ?? null);
      }
    });
    this._moveTo(this._items.has(this._current) ? this._current : (this._runs[0]?.key ?? ''));
  }

  private _makeItem(key: string): SVGGElement {
    const item = drawn('g', { class: 'nbt-across-run', role: 'listitem', tabindex: -1 });
    item.addEventListener('focus', () => {
      this._focused = key;
      this._moveTo(key);
      this._light(key);
    });
    item.addEventListener('blur', () => {
      this._focused = null;
      this._light(null);
    });
    this._items.set(key, item);
    return item;
  }

  private _draw(): void {
    const layout = layoutIn(this.node, this._axes);
    this._layout = layout;
    this._strokes = strokesOf(themeOf(this.node), Math.max(0, ...this._runs.map(({ curve }) => curve + 1)));
    put(this._svg, { width: layout.width, height: layout.height });
    this._back.replaceChildren(...this._axes.map((axis, i) => axisNode(axis, i, layout)));
    this._grips.replaceChildren(...this._axes.map((_, i) => gripNode(i, layout)));
    this._drawRuns();
    this._select();
    this._light(this._lit);
  }

  private _drawRuns(): void {
    const ends = this._runs.map((_, run) => this._layout.y(this._axes.at(-1)?.places[run] ?? 0));
    const labels = spread(ends, LINE, ...this._layout.rows);
    this._heights = labels.map((label, i) => label ?? ends[i] ?? 0);
    const right = this._layout.x(this._axes.length - 1);
    this._runs.forEach((run, i) => {
      const [d, y, end] = [this._path(i), labels[i], ends[i] ?? 0];
      const stroke = { ...this._strokes[run.curve] };
      const label = (at: number): Node[] => [
        drawn('path', { d: `M${right} ${end}L${right + 8} ${at}H${right + 14}`, ...stroke }),
        said(run.name, NAME_LETTERS, { x: right + 18, y: at + 4, class: 'nbt-across-name' }, true)
      ];
      const item = this._items.get(run.key);
      item?.setAttribute('aria-label', this._inWords(run.name, i));
      item?.replaceChildren(
        drawn('path', { d, class: 'nbt-across-near' }),
        drawn('path', { d, class: 'nbt-across-line', ...stroke }),
        drawn('path', { d: this._crosses(i), ...stroke, 'stroke-dasharray': '' }),
        ...(typeof y === 'number' ? label(y) : [])
      );
    });
  }

  private _path(run: number): string {
    const points = this._axes.map(({ places }, i) => `${this._layout.x(i)} ${this._layout.y(places[run] ?? FOOT)}`);
    return points.length > 0 ? `M${points.join('L')}` : '';
  }

  /** A cross at each foot where the run stands. */
  private _crosses(run: number): string {
    return this._axes
      .map(({ places }, i) => {
        const [x, y] = [this._layout.x(i), this._layout.y(FOOT)];
        return (places[run] ?? FOOT) < 0 ? `M${x - 3} ${y - 3}l6 6m0 -6l-6 6` : '';
      })
      .join('');
  }

  private _inWords(name: string, run: number): string {
    const facts = this._axes.map(({ key, texts }) => {
      const text = texts[run] ?? MISSING;
      return `${key} ${text === MISSING ? this._words.__('missing') : text}`;
    });
    return `${name}: ${facts.join(', ')}`;
  }

  /** Brings a run before the others and tells its values. */
  private _light(key: string | null): void {
    const run = this._runs.findIndex(one => one.key === key);
    const [found, isLit] = [this._runs[run], run >= 0 && this._dragged === null];
    this._lit = isLit ? key : null;
    this._svg.classList.toggle('nbt-across-lit', isLit);
    if (!isLit || found === undefined) {
      this._told.replaceChildren();
      return;
    }
    const texts = this._axes.map(({ places, texts }, i) => {
      const given = { x: this._layout.x(i) - 7, y: this._layout.y(places[run] ?? FOOT) + 4, 'text-anchor': 'end' };
      return said(texts[run] ?? MISSING, this._layout.letters(i), given);
    });
    const end = { x: this._layout.x(this._axes.length - 1) + 18, y: (this._heights[run] ?? 0) + 4 };
    this._told.replaceChildren(
      drawn('path', { d: this._path(run), ...this._strokes[found.curve] }),
      ...texts,
      said(found.name, NAME_LETTERS, end)
    );
  }

  private _keyOf({ target }: Event): string | null {
    const item = target instanceof Element ? target.closest('.nbt-across-run') : null;
    return [...this._items].find(([, one]) => one === item)?.[0] ?? this._focused;
  }

  private _press(event: KeyboardEvent): void {
    const at = this._runs.findIndex(({ key }) => key === this._focused);
    const n = this._runs.length;
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: n - 1 }[event.key];
    const run = at < 0 || to === undefined ? undefined : this._runs.at(to % n);
    const isCleared = event.key === 'Escape' && this._selected.size > 0;
    if (run === undefined && !isCleared) {
      return;
    }
    event.preventDefault();
    // The notebook would take the keys for its own.
    event.stopPropagation();
    if (isCleared) {
      this._selected.clear();
      this._select();
    } else if (run !== undefined) {
      this._items.get(run.key)?.focus();
    }
  }

  /** Tab comes to one run; from there the arrows go on. */
  private _moveTo(key: string): void {
    this._current = key;
    this._items.forEach((item, of) => item.setAttribute('tabindex', of === key ? '0' : '-1'));
  }

  private _grip(event: PointerEvent): void {
    const grip = event.target instanceof Element ? event.target.closest('[data-axis]') : null;
    const axis = this._axes[Number(grip?.getAttribute('data-axis') ?? -1)];
    if (axis !== undefined && event.button === 0) {
      this._dragged = { id: axis.id, from: event.clientY, isMoved: false };
      this._svg.setPointerCapture(event.pointerId);
      this._light(null);
    }
  }

  private _drag(event: PointerEvent): void {
    const dragged = this._dragged;
    if (dragged === null || (!dragged.isMoved && Math.abs(event.clientY - dragged.from) < LEAST_DRAG)) {
      return;
    }
    dragged.isMoved = true;
    const [a, b] = [dragged.from, event.clientY].map(y => this._placeAt(y)) as [number, number];
    this._selected.set(dragged.id, [Math.min(a, b), Math.max(a, b)]);
    this._select();
  }

  /** What was a click, not a drag, takes the range of its axis away. */
  private _letGo(): void {
    const dragged = this._dragged;
    this._dragged = null;
    if (dragged?.isMoved === false && this._selected.delete(dragged.id)) {
      this._select();
    }
  }

  private _select(): void {
    const within = this._runs.map((_, i) => isWithin(i, this._axes, this._selected));
    this._runs.forEach(({ key }, i) => this._items.get(key)?.classList.toggle('nbt-across-out', within[i] === false));
    const ranges = this._axes.flatMap(({ id }, i) => {
      const [low, high] = this._selected.get(id) ?? [1, 0];
      const given = { x: this._layout.x(i) - 6, y: this._layout.y(high), width: 12, height: this._layout.y(low) - this._layout.y(high) };
      return low <= high ? [drawn('rect', given)] : [];
    });
    this._ranges.replaceChildren(...ranges);
    this._onSelect(ranges.length > 0 ? within.filter(Boolean).length : null);
  }

  private _placeAt(clientY: number): number {
    return this._layout.placeAt(clientY - this._svg.getBoundingClientRect().top);
  }

  private readonly _svg = drawn('svg', { class: 'nbt-across-picture' });
  private readonly _back = drawn('g', { class: 'nbt-across-axes', 'aria-hidden': 'true' });
  private readonly _list = drawn('g', { role: 'list' });
  private readonly _grips = drawn('g', { class: 'nbt-across-grips', 'aria-hidden': 'true' });
  private readonly _ranges = drawn('g', { class: 'nbt-across-ranges', 'aria-hidden': 'true' });
  private readonly _told = drawn('g', { class: 'nbt-across-told', 'aria-hidden': 'true' });
  private readonly _resized = new ResizeObserver(() => this._draw());
  private readonly _stopWatching: () => void;
  private readonly _items = new Map<string, SVGGElement>();
  private readonly _selected = new Map<string, Range>();
  /** Of the names of runs. Units: pixels. */
  private _heights: readonly number[] = [];
  private _runs: readonly Across[] = [];
  private _axes: readonly Axis[] = [];
  private _layout: Layout = layoutIn(this.node, []);
  /** Of the curves that runs are in the charts. */
  private _strokes: readonly Stroke[] = [];
  private _dragged: { id: string; from: number; isMoved: boolean } | null = null;
  private _focused: string | null = null;
  private _lit: string | null = null;
  private _current = '';
  private _drawn = '';
}
