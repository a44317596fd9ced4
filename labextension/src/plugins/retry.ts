/** Tries something again that failed: when what it is about changes, or after a while. */
import { Pace } from '../run/pace.js';
import { RefusedError } from '../wire/client.js';

/** What failed is not tried more often than this. */
const SOON_MS = 5_000;
/** So long for what does not pass by itself, and where nobody says what changed. */
const SELDOM_MS = 30_000;

/** Has somebody told of changes, null if it is not known of which; returns what ends that. */
export type Watch = (listener: (changed: object | null) => void) => () => void;

/** From the first failure until it is disposed. */
export class Retry {
  constructor(watch: Watch, work: () => Promise<void>) {
    this._pace = new Pace(SOON_MS, work);
    this._stop = watch(changed => this._hear(changed));
  }

  /** Says how it failed this time. */
  failed(error: unknown): void {
    clearTimeout(this._timer);
    const wait = waitAfter(error);
    this._timer = wait === null ? undefined : setTimeout(() => this._pace.ask(), wait);
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._stop();
    this._pace.dispose();
  }

  private _hear(changed: object | null): void {
    const now = performance.now();
    // Without a websocket this is said every two seconds, whatever happened.
    if (changed !== null || now >= this._nextUnknown_ms) {
      this._nextUnknown_ms = now + SELDOM_MS;
      this._pace.ask();
    }
  }

  private readonly _pace: Pace;
  private readonly _stop: () => void;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _nextUnknown_ms = 0;
}

/** How long until it may go well by itself; null if it will not. */
function waitAfter(error: unknown): number | null {
  const status = error instanceof RefusedError ? error.status : 0;
  if (status === 403 || status === 409) {
    // Somebody logs in again, or the journal is written to its end.
    return SELDOM_MS;
  }
  return status >= 400 && status < 500 ? null : SOON_MS;
}
