/** How far the server is with a store that it reads for the first time, while an answer is waited for. */

/** Of about how many runs the server has taken in how many; null if it cannot say. */
export interface Indexing {
  readonly n_indexed: number | null;
  readonly n_runs: number;
}

/** Asks the server; it answers at once, whatever it is at. */
export type AskIndexing = (store: string) => Promise<Indexing>;

/** A question that is answered sooner is not asked about. */
const FIRST_MS = 700;
const EVERY_MS = 1000;

/** Asks how far the server is, from when it takes long until it is told to stop. */
export class IndexWatch {
  constructor(
    private readonly _ask: AskIndexing,
    private readonly _onChange: (indexing: Indexing | null) => void
  ) {}

  /** Begins, unless it has begun. */
  start(store: string): void {
    this._timer ??= setTimeout(() => void this._look(store), FIRST_MS);
  }

  /** Ends, and forgets what was said. */
  stop(): void {
    if (this._timer !== undefined) {
      clearTimeout(this._timer);
      this._timer = undefined;
      this._onChange(null);
    }
  }

  private async _look(store: string): Promise<void> {
    const timer = this._timer;
    try {
      const said = await this._ask(store);
      if (timer === this._timer) {
        this._onChange(said);
      }
    } catch {
      // A server that cannot say it is only waited for.
    }
    if (timer === this._timer) {
      this._timer = setTimeout(() => void this._look(store), EVERY_MS);
    }
  }

  private _timer: ReturnType<typeof setTimeout> | undefined;
}
