/** One line of the list on the screen; used again for other lines as the list is scrolled. */
import { element, freshId, setText } from '../run/elements.js';
import type { Speeds } from '../run/progress.js';
import { duration, moment, stateWords, type Words } from '../run/words.js';
import type { RunRow } from '../wire/types.js';
import type { Column } from './columns.js';
import type { Line } from './lines.js';
import { SPARK, sparkPath } from './sparkline.js';

/** What a line is shown with. */
export interface LineFacts {
  readonly line: Line;
  /** Counted from one, the head of the table included. */
  readonly number: number;
  readonly title: string;
  readonly isSelected: boolean;
  /** Of its curve in a comparison; null if it has none. */
  readonly color: string | null;
  readonly isActive: boolean;
  readonly isCollapsed: boolean;
  readonly isStopping: boolean;
  readonly spark: readonly (number | null)[] | undefined;
  /** Of which metric the value is, where the head of the column cannot say it. */
  readonly metric: string;
  /** Whether sections have heads, so that runs stand one level below them. */
  readonly hasHeads: boolean;
  /** When the row was read, for clocks. Units: milliseconds, as `performance.now()`. */
  readonly now: number;
}

/** When rows came; a clock goes on from there, whichever line shows it. */
const seenAt = new WeakMap<RunRow, number>();

const SVG = 'http://www.w3.org/2000/svg';

/** A line; `update` brings it up to date with as few changes as there are. */
export class RowView {
  readonly node = element('div', { role: 'row', class: 'nbt-row', id: freshId('row') });

  constructor(
    readonly columns: readonly Column[],
    private readonly _words: Words,
    private readonly _speeds: Speeds,
    /** With those that have no room. */
    private readonly _allColumns: readonly Column[] = columns
  ) {
    const [name, head] = [
      { role: 'gridcell', class: 'nbt-row-name' },
      { role: 'gridcell', class: 'nbt-row-head', 'aria-colspan': columns.length + 1 }
    ];
    this._name = element('div', name, this._dot, this._curveMark, this._text, this._state, this._tags);
    this._head = element('div', head, this._arrow, this._title, this._count);
    this._cells = columns.map(({ key, isNumeric }) =>
      element('div', {
        role: 'gridcell',
        class: isNumeric ? 'nbt-row-cell nbt-number' : 'nbt-row-cell',
        'data-column': key
      })
    );
    const at = columns.findIndex(column => column.key === 'spark');
    this._cells[at]?.append(this._svg());
    const valueCell = this._cells[columns.findIndex(column => column.key === 'value')];
    valueCell?.append(this._metric, this._value);
    this._texts = this._cells.map(cell => (cell === valueCell ? this._value : cell));
  }

  /** Shows a line at a height. Units: CSS pixels. */
  update(facts: LineFacts, top: number): void {
    const { line, number, isSelected, isActive } = facts;
    const place = `translateY(${top}px)`;
    if (this.node.style.transform !== place) {
      this.node.style.transform = place;
    }
    set(this.node, 'aria-rowindex', String(number));
    set(this.node, 'aria-selected', line.kind === 'run' ? String(isSelected) : null);
    this.node.classList.toggle('nbt-active', isActive);
    this._become(line.kind);
    if (line.kind === 'section') {
      this._showHead(facts);
    } else {
      this._showRun(facts, line.row);
    }
  }

  /** Moves the clock, the rate and the time left of a run that goes on. */
  tick(now: number): void {
    const row = this._row;
    if (row?.state !== 'running') {
      return;
    }
    const progress = this._speeds.of(row, now);
    this.columns.forEach(({ key, text }, index) => {
      const cell = this._texts[index] as HTMLElement;
      if (key === 'runtime') {
        setText(cell, duration(row.runtime_s + (now - this._seen) / 1000));
      } else if (key === 'rate' || key === 'left') {
        setText(cell, text(row, progress));
      }
    });
  }

  /** Puts an input in the place of the name; what it returns is called with the new name, or null. */
  rename(done: (name: string | null) => void): void {
    const before = this._row?.name ?? '';
    const label = this._words.__('Name of the run');
    const input = element('input', { class: 'nbt-rename', type: 'text', 'aria-label': label });
    input.value = before;
    const end = (name: string | null): void => {
      if (this._input === input) {
        this._input = null;
        input.remove();
        this._text.hidden = false;
        done(name === before || name === '' ? null : name);
      }
    };
    input.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Enter' || event.key === 'Escape') {
        event.preventDefault();
        end(event.key === 'Enter' ? input.value.trim() : null);
      }
    });
    input.addEventListener('blur', () => end(input.value.trim()));
    for (const kind of ['mousedown', 'click', 'dblclick']) {
      input.addEventListener(kind, event => event.stopPropagation());
    }
    this._input?.remove();
    this._input = input;
    this._text.hidden = true;
    this._text.after(input);
    input.focus();
    input.select();
  }

  private _become(kind: Line['kind']): void {
    if (this._kind !== kind) {
      this._kind = kind;
      this.node.dataset['kind'] = kind;
      this.node.replaceChildren(...(kind === 'section' ? [this._head] : [this._name, ...this._cells]));
    }
  }

  private _showHead({ line, title, isCollapsed }: LineFacts): void {
    this._row = undefined;
    set(this.node, 'aria-level', '1');
    set(this.node, 'aria-expanded', String(!isCollapsed));
    set(this.node, 'title', line.section.name ?? title);
    setText(this._title, title);
    setText(this._count, String(line.section.n_runs));
  }

  private _showRun({ isStopping, spark, hasHeads, metric, color, now }: LineFacts, row: RunRow | undefined): void {
    set(this.node, 'aria-level', hasHeads ? '2' : null);
    set(this.node, 'aria-expanded', null);
    set(this.node, 'aria-busy', row === undefined ? 'true' : null);
    this.node.classList.toggle('nbt-archived', row?.archived ?? false);
    if (row === undefined) {
      this._row = undefined;
      [this._text, this._state, this._tags, this._metric, ...this._texts]
        .filter((_, index) => index < 4 || this.columns[index - 4]?.key !== 'spark')
        .forEach(cell => setText(cell, ''));
      set(this._dot, 'data-state', 'unknown');
      set(this._path, 'd', '');
      this._curveMark.hidden = true;
      return;
    }
    const { name, meaning } = stateWords(row.state, this._words);
    const state = isStopping && row.state === 'running' ? this._words.__('stopping') : name;
    if (this._row !== row) {
      this._row = row;
      this._seen = seenAt.get(row) ?? now;
      seenAt.set(row, this._seen);
      this._showColumns(row, now);
    }
    setText(this._metric, metric);
    this._curveMark.hidden = color === null;
    this._curveMark.style.background = color ?? '';
    set(this._dot, 'data-state', row.state);
    this._dot.classList.toggle('nbt-stopping', isStopping && row.state === 'running');
    setText(this._text, row.name);
    setText(this._state, `, ${state}${row.archived ? `, ${this._words.__('archived')}` : ''}`);
    setText(this._tags, row.tags.length > 0 ? row.tags.join(', ') : '');
    const said = [
      `${row.name} · ${state}`,
      `${row.project}/${row.id}`,
      meaning,
      moment(row.created_at),
      row.tags.join(', '),
      row.trouble ?? '',
      ...this._said
    ];
    set(this._name, 'title', said.filter(Boolean).join('\n'));
    set(this._path, 'd', spark === undefined ? '' : this._spark(spark));
    this.tick(now);
  }

  /** What stands in the columns; in the tooltip of the name all of them do. */
  private _showColumns(row: RunRow, now: number): void {
    const progress = this._speeds.of(row, now);
    const said = (column: Column, text: string): string =>
      `${column.title?.(row) || column.fullLabel || column.label}: ${text}`;
    this.columns.forEach((column, index) => {
      if (column.key !== 'spark') {
        const text = column.text(row, progress);
        setText(this._texts[index] as HTMLElement, text);
        set(this._cells[index] as HTMLElement, 'title', said(column, text));
      }
    });
    this._said = this._allColumns.flatMap(column => {
      const text = column.text(row, progress);
      return text === '' ? [] : [said(column, text)];
    });
  }

  private _spark(numbers: readonly (number | null)[]): string {
    if (numbers !== this._drawn) {
      this._drawn = numbers;
      this._curve = sparkPath(numbers);
    }
    return this._curve;
  }

  private _svg(): SVGElement {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'nbt-spark');
    svg.setAttribute('viewBox', `0 0 ${SPARK.width} ${SPARK.height}`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(this._path);
    return svg;
  }

  private readonly _dot = element('span', { class: 'nbt-dot', 'aria-hidden': 'true' });
  private readonly _curveMark = element('span', { class: 'nbt-curve-mark', 'aria-hidden': 'true', hidden: true });
  private readonly _text = element('span', { class: 'nbt-row-text' });
  private readonly _state = element('span', { class: 'nbt-unseen' });
  private readonly _tags = element('span', { class: 'nbt-row-tags' });
  private readonly _arrow = element('span', { class: 'nbt-arrow', 'aria-hidden': 'true' });
  private readonly _title = element('span', { class: 'nbt-row-text' });
  private readonly _count = element('span', { class: 'nbt-count' });
  private readonly _path = document.createElementNS(SVG, 'path');
  private readonly _name: HTMLElement;
  private readonly _head: HTMLElement;
  private readonly _cells: readonly HTMLElement[];
  /** Where the text of each column stands. */
  private readonly _texts: readonly HTMLElement[];
  private readonly _metric = element('span', { class: 'nbt-metric' });
  private readonly _value = element('span', { class: 'nbt-value-text' });
  private _said: readonly string[] = [];
  private _kind: Line['kind'] | undefined;
  private _row: RunRow | undefined;
  private _seen = 0;
  private _input: HTMLInputElement | null = null;
  private _drawn: readonly (number | null)[] | undefined;
  private _curve = '';
}

function set(node: Element, name: string, value: string | null): void {
  if (node.getAttribute(name) !== value) {
    if (value === null) {
      node.removeAttribute(name);
    } else {
      node.setAttribute(name, value);
    }
  }
}
