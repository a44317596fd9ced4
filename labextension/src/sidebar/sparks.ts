/** Small curves of the runs that are looked at, asked for some at a time. */
import type { Client } from '../wire/client.js';
import type { RunRow } from '../wire/types.js';
import { nameOf } from './lines.js';

interface Spark {
  readonly numbers: readonly (number | null)[];
  /** How many rows the run had. */
  readonly n_rows: number;
}

interface Wanted {
  readonly run: string;
  readonly metric: string;
  readonly n_rows: number;
}

const AT_ONCE = 40;
const N_KEPT = 2000;
/** Curves of runs that go on are asked for again at most so often. */
const EVERY_MS = 1000;

/** Remembers curves by run and metric, for one store. */
export class Sparks {
  /** Called when curves have come. */
  onChange: () => void = () => undefined;

  constructor(private readonly _client: Pick<Client, 'sparks'>) {}

  /** Forgets the curves of another store. */
  use(store: string): void {
    if (store !== this._store) {
      this._store = store;
      this._known.clear();
      this._wanted.clear();
    }
  }

  /** The curve of a run, as far as it is known; a newer one is asked for. */
  of(row: RunRow, metric: string): readonly (number | null)[] | undefined {
    const run = nameOf(row);
    const key = keyOf(run, metric);
    const known = this._known.get(key);
    if (metric !== '' && known?.n_rows !== row.n_rows && row.n_rows > 0) {
      if (known === undefined && !this._wanted.has(key) && !this._isAsking) {
        // One that was never seen does not wait for those that only go on.
        clearTimeout(this._timer);
        this._timer = undefined;
      }
      this._wanted.set(key, { run, metric, n_rows: row.n_rows });
      this._timer ??= setTimeout(() => void this._ask(), this._wait());
    }
    return known?.numbers;
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._wanted.clear();
    this.onChange = () => undefined;
  }

  private _wait(): number {
    return Math.max(30, this._askedAt + (this._hasNew() ? 0 : EVERY_MS) - performance.now());
  }

  private _hasNew(): boolean {
    return [...this._wanted.keys()].some(key => !this._known.has(key));
  }

  private async _ask(): Promise<void> {
    // Those that were asked for last are those that are looked at now.
    const metric = [...this._wanted.values()].at(-1)?.metric ?? '';
    const some = [...this._wanted.values()].filter(one => one.metric === metric).slice(-AT_ONCE);
    const store = this._store;
    some.forEach(one => this._wanted.delete(keyOf(one.run, metric)));
    this._askedAt = performance.now();
    this._isAsking = true;
    try {
      const found = await this._client.sparks(store, metric, some.map(one => one.run));
      if (store === this._store) {
        this._keep(some, found);
      }
    } catch {
      // A row without a curve says enough; it is asked for again when the run changes.
      this._keep(some, {});
    }
    this._isAsking = false;
    this._timer = this._wanted.size > 0 ? setTimeout(() => void this._ask(), this._wait()) : undefined;
    this.onChange();
  }

  private _keep(some: readonly Wanted[], found: Record<string, (number | null)[]>): void {
    const hasAny = some.some(({ run }) => run in found);
    for (const { run, metric, n_rows } of some) {
      const numbers = found[run];
      // What took the server too long is left out and asked for again; what no run has, is not.
      if (numbers !== undefined || !hasAny) {
        this._known.delete(keyOf(run, metric));
        this._known.set(keyOf(run, metric), { numbers: numbers ?? [], n_rows });
      }
    }
    for (const key of this._known.keys()) {
      if (this._known.size <= N_KEPT) {
        break;
      }
      this._known.delete(key);
    }
  }

  private _store = '';
  private _isAsking = false;
  private _askedAt = -EVERY_MS;
  private readonly _known = new Map<string, Spark>();
  private readonly _wanted = new Map<string, Wanted>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

function keyOf(run: string, metric: string): string {
  return `${run}\n${metric}`;
}
