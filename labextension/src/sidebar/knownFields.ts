/** What there is to choose from in a store: asked for again after a while, and only when it is used. */
import type { Client } from '../wire/client.js';
import type { Fields } from '../wire/types.js';

const NO_FIELDS: Fields = { config: [], summary: [], metrics: [], tags: [], projects: [], groups: [] };
const EVERY_MS = 5000;
/** New runs bring new metrics; the first of a store are waited for. */
const FIRST_MS = 500;

/** Fields of the store that is shown, as they were told last. */
export class KnownFields {
  constructor(
    private readonly _client: Pick<Client, 'fields'>,
    private readonly _store: () => string,
    private readonly _onChange: () => void
  ) {}

  /** What is known now. */
  get now(): Fields {
    return this._fields;
  }

  /** Asks, unless that was a moment ago. */
  ask(): Promise<Fields> {
    const now = performance.now();
    if (now - this._askedAt >= EVERY_MS) {
      this._askedAt = now;
      this._asking = this._fetch(this._store());
    }
    return this._asking;
  }

  /** Asks when runs have had time to bring others. */
  askLater(): void {
    const wait = this._fields.metrics.length === 0 ? FIRST_MS : EVERY_MS;
    this._later ??= setTimeout(() => {
      this._later = undefined;
      this.expire();
      void this.ask();
    }, wait);
  }

  /** Has the next question asked at once, as of another store. */
  expire(): void {
    this._askedAt = -EVERY_MS;
  }

  dispose(): void {
    clearTimeout(this._later);
  }

  private async _fetch(store: string): Promise<Fields> {
    try {
      const fields = await this._client.fields(store);
      if (store === this._store()) {
        this._fields = fields;
        this._onChange();
      }
    } catch {
      // The list says what is wrong.
    }
    return this._fields;
  }

  private _fields = NO_FIELDS;
  private _asking: Promise<Fields> = Promise.resolve(NO_FIELDS);
  private _askedAt = -EVERY_MS;
  private _later: ReturnType<typeof setTimeout> | undefined;
}
