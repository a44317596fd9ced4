/** The lines in sight: made when they come into it, and used again for others when they leave. */
import { element } from '../run/elements.js';
import type { Speeds } from '../run/progress.js';
import type { Words } from '../run/words.js';
import { metricOf } from './columns.js';
import type { ColumnsInSight } from './columnsInSight.js';
import type { CurveColors } from './curveColors.js';
import { nameOf, type Line, type Lines } from './lines.js';
import { RowView } from './rowView.js';
import { titleOf } from './sections.js';
import type { Selection } from './selection.js';
import type { Sparks } from './sparks.js';

/** Units: CSS pixels; as in sidebar.css. */
export const ROW_HEIGHT = 26;

/** What lines are drawn from. */
export interface Sight {
  readonly lines: Lines;
  readonly selection: Selection;
  /** Names of runs that were asked to end. */
  readonly stopping: ReadonlySet<string>;
}

/** Draws lines by their numbers. */
export class LinesInSight {
  readonly body = element('div', { role: 'rowgroup', class: 'nbt-list-body' });

  constructor(
    private readonly _sparks: Sparks,
    private readonly _words: Words,
    private readonly _speeds: Speeds,
    private readonly _columns: ColumnsInSight,
    private readonly _colors: CurveColors
  ) {}

  /** The line of a number, if it is in sight. */
  at(line: number): RowView | undefined {
    return this._views.get(line);
  }

  /** Whether somebody writes another name. */
  get isRenaming(): boolean {
    return this.body.querySelector('.nbt-rename') !== null;
  }

  /** Shows these lines and no others. */
  show(wanted: ReadonlySet<number>, sight: Sight): void {
    const free = [...this._views].filter(([line]) => !wanted.has(line));
    free.forEach(([line]) => this._views.delete(line));
    const now = performance.now();
    const curves = new Map(sight.selection.compared.map((name, index) => [name, index]));
    for (const line of wanted) {
      const view = this._views.get(line) ?? free.pop()?.[1] ?? this._make();
      this._views.set(line, view);
      this._fill(view, line, sight, curves, now);
    }
    free.forEach(([, view]) => view.node.remove());
  }

  /** Has all lines made anew, as with other columns. */
  clear(): void {
    this._views.forEach(view => view.node.remove());
    this._views.clear();
  }

  /** Moves clocks. */
  tick(now: number): void {
    this._views.forEach(view => view.tick(now));
  }

  private _fill(view: RowView, number: number, sight: Sight, curves: Map<string, number>, now: number): void {
    const { lines, selection, stopping } = sight;
    const line = lines.at(number) as Line;
    const row = line.kind === 'run' ? line.row : undefined;
    const name = row && nameOf(row);
    const curve = name === undefined ? undefined : curves.get(name);
    const hasSpark = row !== undefined && this._columns.shown.some(column => column.key === 'spark');
    view.node.dataset['line'] = String(number);
    view.update(
      {
        line,
        number: number + 2,
        title: line.kind === 'section' ? titleOf(line.section, this._words) : '',
        isSelected: name !== undefined && selection.names.has(name),
        color: curve === undefined ? null : this._colors.of(curve),
        isActive: number === selection.activeLine,
        isCollapsed: lines.isCollapsed(line.section),
        isStopping: name !== undefined && stopping.has(name),
        spark: hasSpark ? this._sparks.of(row, metricOf(row, this._columns.metrics)) : undefined,
        hasHeads: lines.hasHeads,
        metric: row === undefined ? '' : this._columns.metricBeside(row),
        now
      },
      number * ROW_HEIGHT
    );
  }

  private _make(): RowView {
    const view = new RowView(this._columns.shown, this._words, this._speeds, this._columns.all);
    this.body.append(view.node);
    return view;
  }

  private readonly _views = new Map<number, RowView>();
}
