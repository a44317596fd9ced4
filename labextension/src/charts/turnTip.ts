/** The mark of a cell or a segment under the cursor, and what is said of it. */

import type { ChartOptions, ChartSource } from './types.js';
import { markAt, type TurnMark } from './turns.js';
import { turnTitle } from './turnWords.js';

type Words = (text: string, ...args: string[]) => string;

/** Follows the cursor from mark to mark. */
export class TurnTip {
  constructor(
    private readonly _given: readonly ChartSource[],
    private readonly _options: ChartOptions,
    private readonly _words: Words
  ) {}

  /** The cursor stands here; null if nowhere. */
  move(marks: readonly TurnMark[], left: number | null): void {
    this._mark = left === null ? null : markAt(marks, left);
  }

  /** Whether a click leads from the mark under the cursor to its cell. */
  get leads(): boolean {
    return this._options.onCell !== undefined && (this._mark?.execution ?? null) !== null;
  }

  /** What is said of the mark under the cursor; nothing if there is none. */
  texts(): string[] {
    const mark = this._mark;
    return mark === null ? [] : [turnTitle(mark, this._key(mark) === this._named.key ? this._named.name : null, this._words)];
  }

  /** Ask what the cell is called; calls back when it is known and still pointed at. */
  name(changed: () => void): void {
    const mark = this._mark;
    const source = mark === null ? undefined : this._given[mark.line];
    if (mark === null || source === undefined || mark.execution === null || this._named.key === this._key(mark)) {
      return;
    }
    const key = this._key(mark);
    Promise.resolve(this._options.nameCell?.(mark.execution, source) ?? null).then(
      name => {
        this._named = { key, name };
        if (this._mark !== null && this._key(this._mark) === key) {
          changed();
        }
      },
      () => undefined
    );
  }

  /** Go to the cell of the mark under the cursor; returns whether there is one. */
  open(): boolean {
    const { _mark: mark } = this;
    const source = mark === null ? undefined : this._given[mark.line];
    if (mark === null || mark.execution === null || source === undefined) {
      return false;
    }
    this._options.onCell?.(mark.execution, source);
    return true;
  }

  private _key({ line, execution }: TurnMark): string {
    return JSON.stringify([line, execution]);
  }

  private _mark: TurnMark | null = null;
  private _named: { key: string; name: string | null } = { key: '', name: null };
}
