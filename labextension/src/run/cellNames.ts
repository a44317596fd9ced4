/** What the cell of an execution is called, asked for once somebody points at it. */
import type { Feed } from '../wire/feed.js';
import type { Words } from './words.js';

/** Names cells by the number at their prompt. */
export class CellNames {
  constructor(
    private readonly _feed: Feed,
    private readonly _words: Words
  ) {}

  /** `cell [7]`; null for what no cell made. */
  async of(execution: string): Promise<string | null> {
    if (!this._counts.has(execution)) {
      // Who moves over a curve asks many times before the first answer is there.
      this._asking ??= this._ask();
      await this._asking;
    }
    const count = this._counts.get(execution) ?? null;
    return count === null ? null : this._words.__('cell [%1]', count);
  }

  private async _ask(): Promise<void> {
    try {
      for (const { execution, count } of await this._feed.cells()) {
        this._counts.set(execution, count);
      }
    } catch {
      // The point is told without its cell.
    } finally {
      this._asking = null;
    }
  }

  private readonly _counts = new Map<string, number | null>();
  private _asking: Promise<void> | null = null;
}
