/** Which columns are shown, and what the values in sight are of. */
import type { RunRow } from '../wire/types.js';
import { metricOf, shortMetrics, type Column } from './columns.js';
import { fitting, widthOf, type Room } from './room.js';

/** The columns that were chosen, as far as there is room for them. */
export class ColumnsInSight {
  metrics: readonly string[] = [];
  order = '';
  /** All that were chosen. */
  all: readonly Column[] = [];
  /** Those that are shown. */
  shown: readonly Column[] = [];
  /** Whether values of several metrics stand below each other. */
  isMixed = false;

  choose(columns: readonly Column[], order: string, metrics: readonly string[]): void {
    [this.all, this.order, this.metrics] = [columns, order, metrics];
    this._fitKey = '';
  }

  /** The head of the values names their metric where all in sight are of one; else each says its own. */
  look(rows: readonly RunRow[]): void {
    const found = new Set(rows.map(row => metricOf(row, this.metrics)).filter(Boolean));
    const only = found.size === 0 ? this.metrics : [...found];
    this._metric = only.length === 1 ? (only[0] ?? null) : null;
    this.isMixed = found.size > 1;
    this._names = shortMetrics(found);
  }

  /** What stands beside the value of a row. */
  metricBeside(row: RunRow): string {
    return this.isMixed ? (this._names.get(metricOf(row, this.metrics)) ?? '') : '';
  }

  /** Finds out what has room; false if that is as it was. */
  fit(given: Omit<Room, 'isMixed'>): boolean {
    const room = { ...given, isMixed: this.isMixed };
    const key = JSON.stringify([room, this._metric]);
    if (key === this._fitKey) {
      return false;
    }
    this._fitKey = key;
    this.shown = fitting(this.all, room);
    return true;
  }

  /** Units: CSS pixels. */
  get least(): number {
    return widthOf(this.shown, this.isMixed);
  }

  /** Those that are shown, as the head calls them. */
  get heads(): readonly Column[] {
    const metric = this._metric;
    return this.shown.map(column =>
      column.key === 'value' && metric !== null
        ? { ...column, label: metric, order: `summary_metrics.${metric}` }
        : column
    );
  }

  /** What lines are made from; where it is another one, they are made anew. */
  get key(): string {
    return JSON.stringify([this.shown, this.all, this.metrics]);
  }

  /** Of which all values in sight are. */
  private _metric: string | null = null;
  private _names: ReadonlyMap<string, string> = new Map();
  private _fitKey = '';
}
