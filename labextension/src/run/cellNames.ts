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
    const unknown = this._unknown;
    if (!this._counts.has(execution) && !unknown.has(execution)) {
      // Who moves over a curve asks many times before the first answer is there.
      this._asking ??= this._ask();
      const isAnswered = await this._asking;
      if (isAnswered && !this._counts.has(execution)) {
        unknown.add(execution);
      }
    }
    const count = this._counts.get(execution);
    return count === undefined ? null : this._words.__('cell [%1]', count);
  }

  /** The run changed: it may have cells now that it had not. */
  changed(): void {
    // Who is asking puts what it does not find into the old set.
    this._unknown = new Set();
  }

  /** Whether there was an answer. */
  private async _ask(): Promise<boolean> {
    try {
      for (const { execution, count } of await this._feed.cells()) {
        if (count !== null) {
          this._counts.set(execution, count);
        }
      }
      return true;
    } catch {
      // The point is told without its cell.
      return false;
    } finally {
      this._asking = null;
    }
  }

  private readonly _counts = new Map<string, number>();
  /** Executions that were looked for in vain since the run changed. */
  private _unknown = new Set<string>();
  private _asking: Promise<boolean> | null = null;
}
