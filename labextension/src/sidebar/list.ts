/**
 * The list of runs: a grid of which only the lines in sight are made. The grid keeps the focus and
 * tells the line that is meant by `aria-activedescendant`, so that lines can come and go.
 */
import { element, freshId } from '../run/elements.js';
import { Speeds } from '../run/progress.js';
import type { Words } from '../run/words.js';
import type { RunRow } from '../wire/types.js';
import { type Column, holdsTexts } from './columns.js';
import { ColumnsInSight } from './columnsInSight.js';
import { CurveColors } from './curveColors.js';
import { Head } from './head.js';
import { Keys } from './keys.js';
import { Lines } from './lines.js';
import { LinesInSight, ROW_HEIGHT } from './linesInSight.js';
import type { RunsModel } from './model.js';
import { Mouse } from './mouse.js';
import { loaded, type Section } from './sections.js';
import { Selecting } from './selecting.js';
import type { Selection } from './selection.js';
import type { IsText } from './sorting.js';
import type { Sparks } from './sparks.js';

/** What the list tells whoever put it there. */
export interface ListEvents {
  onOpen(row: RunRow): void;
  onSelect(): void;
  onOrder(order: string): void;
  onRename(row: RunRow, name: string): void;
  onCollapse(): void;
  onScroll(): void;
}

const AROUND = 6;
/** Runs so far away are asked for before they are seen. Units: lines. */
const AHEAD = 100;

/** Draws lines, follows the mouse and the keyboard. */
export class RunsList {
  readonly node: HTMLElement;
  readonly selecting: Selecting;
  readonly collapsed = new Set<string>();
  readonly stopping = new Set<string>();
  lines = new Lines([], this.collapsed, false);
  /** Whether the runs that are here have texts in a field. */
  readonly isText: IsText = field => holdsTexts(field, loaded(this._model.sections));

  constructor(
    private readonly _model: RunsModel,
    sparks: Sparks,
    words: Words,
    readonly events: ListEvents
  ) {
    this.selecting = new Selecting(_model, () => this.lines, () => this._selected());
    this._head = new Head(words, order => events.onOrder(order), this.isText);
    this.node = element(
      'div',
      {
        class: 'nbt-list',
        role: 'treegrid',
        id: freshId('list'),
        tabindex: '0',
        'aria-label': words.__('Runs'),
        'aria-multiselectable': 'true',
        onscroll: () => this._drawSoon(),
        onfocus: () => this.node.classList.add('nbt-focused'),
        onblur: () => this.node.classList.remove('nbt-focused')
      },
      element('div', { role: 'rowgroup', class: 'nbt-list-head' }, this._head.node)
    );
    this._colors = new CurveColors(this.node, () => this._drawLater());
    this._inSight = new LinesInSight(sparks, words, this._speeds, this._columns, this._colors);
    this.node.append(this._inSight.body);
    const keys = new Keys(this);
    this.node.addEventListener('keydown', event => keys.take(event));
    const mouse = new Mouse(this);
    this._inSight.body.addEventListener('mousedown', event => mouse.press(event));
    this._inSight.body.addEventListener('dblclick', event => mouse.open(event));
    this._sized = new ResizeObserver(() => this._drawSoon());
    this._sized.observe(this.node);
    this._ticking = setInterval(() => this._tick(), 1000);
  }

  get selection(): Selection {
    return this.selecting.selection;
  }

  /** Shows other columns, in another order. */
  setColumns(columns: readonly Column[], order: string, metrics: readonly string[]): void {
    this._columns.choose(columns, order, metrics);
    this._fit();
    this._drawSoon();
  }

  /** Begins with the runs of another store. */
  forget(): void {
    this._speeds.clear();
  }

  /** Takes in what the model has now. */
  update(sections: readonly Section[], hasHeads: boolean): void {
    this.lines = new Lines(sections, this.collapsed, hasHeads);
    this.selecting.follow();
    this.node.setAttribute('aria-rowcount', String(this.lines.length + 1));
    this._inSight.body.style.height = `${this.lines.length * ROW_HEIGHT}px`;
    this._findRunning();
    this.draw();
    // What the rows hold says how their orders are called.
    this._head.update(this._columns.heads, this._columns.order);
  }

  /** The run the keyboard is on. */
  get activeRow(): RunRow | undefined {
    return this.selecting.activeRow;
  }

  /** How many lines fit. */
  get pageLines(): number {
    return Math.max(1, Math.floor((this.node.clientHeight - ROW_HEIGHT) / ROW_HEIGHT) - 1);
  }

  /** Goes to a line with the keyboard. */
  goTo(line: number): void {
    const at = Math.max(0, Math.min(line, this.lines.length - 1));
    this.selecting.activate(at);
    const [top, height] = [at * ROW_HEIGHT, this.node.clientHeight - ROW_HEIGHT];
    if (top < this.node.scrollTop) {
      this.node.scrollTop = top;
    } else if (top + ROW_HEIGHT > this.node.scrollTop + height) {
      this.node.scrollTop = top + ROW_HEIGHT - height;
    }
    this.draw();
  }

  /** Adds the run of the active line to the selection, or takes it out; folds a section. */
  toggleActive(): void {
    const line = this.lines.at(this.selection.activeLine);
    if (line?.kind === 'section') {
      this.collapse(line.section, !this.lines.isCollapsed(line.section));
    } else if (line?.row !== undefined) {
      this.selecting.toggle(line.row);
    }
  }

  collapse(section: Section, isCollapsed: boolean): void {
    if (isCollapsed) {
      this.collapsed.add(section.key);
    } else {
      this.collapsed.delete(section.key);
    }
    this.update(this.lines.sections, this.lines.hasHeads);
    this.events.onCollapse();
  }

  /** Opens the run of the active line. */
  openActive(): void {
    const row = this.activeRow;
    if (row === undefined) {
      this.toggleActive();
    } else {
      this.events.onOpen(row);
    }
  }

  /** Lets the user write another name in the place of the name. */
  renameActive(): void {
    const row = this.activeRow;
    this.goTo(this.selection.activeLine);
    if (row !== undefined) {
      this._inSight.at(this.selection.activeLine)?.rename(name => {
        this.node.focus();
        if (name !== null) {
          this.events.onRename(row, name);
        }
      });
    }
  }

  /** Draws the lines in sight now. */
  draw(): void {
    cancelAnimationFrame(this._frame);
    this._frame = 0;
    const { scrollTop, clientHeight } = this.node;
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - AROUND);
    const last = Math.min(this.lines.length, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + AROUND);
    const wanted = new Set<number>(Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i));
    if (this.lines.length > 0) {
      // The line that the focus is on is always there.
      wanted.add(this.selection.activeLine);
    }
    this._columns.look(this._rows(first, last));
    this._fit();
    this._inSight.show(wanted, this);
    const active = this._inSight.at(this.selection.activeLine);
    this.node.setAttribute('aria-activedescendant', active?.node.id ?? '');
    for (const around of [0, AHEAD]) {
      const parts = this.lines.parts(first - around, last + around);
      parts.forEach(part => this._model.need(part.section, part.from, part.to));
    }
  }

  dispose(): void {
    cancelAnimationFrame(this._frame);
    clearInterval(this._ticking);
    this._sized.disconnect();
    this._colors.dispose();
  }

  private _rows(from: number, to: number): RunRow[] {
    return this.lines
      .parts(from, to)
      .flatMap(part => part.section.rows.slice(part.from, part.to).filter(row => row !== undefined));
  }

  /** Shows the columns that have room, in lines that are made anew if those are others. */
  private _fit(): void {
    const columns = this._columns;
    // Whoever writes another name is not interrupted.
    const room = { width: this.node.clientWidth, isLive: this._isLive, hasLeft: this._hasLeft };
    if (this._inSight.isRenaming || !columns.fit(room)) {
      return;
    }
    this._head.update(columns.heads, columns.order);
    this.node.classList.toggle('nbt-mixed', columns.isMixed);
    this.node.style.setProperty('--nbt-least', `${columns.least}px`);
    if (columns.key !== this._columnsKey) {
      this._columnsKey = columns.key;
      this._inSight.clear();
    }
  }

  private _selected(): void {
    this.draw();
    this.events.onSelect();
  }

  private _drawSoon(): void {
    this._drawLater();
    this.events.onScroll();
  }

  private _drawLater(): void {
    this._frame ||= requestAnimationFrame(() => this.draw());
  }

  private _tick(): void {
    const hadLeft = this._hasLeft;
    this._findRunning();
    if (this._hasLeft !== hadLeft) {
      this.draw();
    }
    this._inSight.tick(performance.now());
  }

  /** Finds out whether any run goes on, and whether any has a time that is left. */
  private _findRunning(): void {
    const now = performance.now();
    const running = this.lines.sections.flatMap(({ rows }) => rows.filter(row => row?.state === 'running'));
    this._isLive = running.length > 0;
    this._hasLeft = running.some(row => row !== undefined && this._speeds.of(row, now).left_s !== null);
  }

  private readonly _head: Head;
  private readonly _inSight: LinesInSight;
  private readonly _colors: CurveColors;
  private readonly _sized: ResizeObserver;
  private readonly _ticking: ReturnType<typeof setInterval>;
  private readonly _speeds = new Speeds();
  private readonly _columns = new ColumnsInSight();
  private _isLive = false;
  private _hasLeft = false;
  private _columnsKey = '';
  private _frame = 0;
}
