/** A run as the server extension tells it. */
import type { Client, RunName } from './client.js';
import type { Series } from './decode.js';
import type { Events } from './events.js';
import type { Feed, SeriesQuery } from './feed.js';
import type { CellInfo, RunDetail } from './types.js';

/** Follows one run of one store through the server. */
export class HttpFeed implements Feed {
  constructor(
    private readonly _client: Client,
    private readonly _events: Events,
    private readonly _store: string,
    private readonly _run: RunName
  ) {}

  detail(): Promise<RunDetail> {
    return this._client.run(this._store, this._run);
  }

  cells(): Promise<CellInfo[]> {
    return this._client.cells(this._store, this._run);
  }

  series(query: SeriesQuery): Promise<Series> {
    return this._client.series(this._store, this._run, query);
  }

  listen(changed: () => void): () => void {
    const { project, id } = this._run;
    return this._events.watch(this._store, `${project}/${id}`, () => changed());
  }
}
