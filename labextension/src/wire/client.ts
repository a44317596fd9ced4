/**
 * What a front end asks of the server extension. Knows no Jupyter: whoever makes a client says how
 * a request is sent.
 */
import { decodeSeries, parsePlain, type Series } from './decode.js';
import type { SeriesQuery } from './feed.js';
import type {
  CellInfo,
  CellList,
  Changes,
  CodeLines,
  Comparison,
  Discarded,
  Edit,
  Fields,
  FileInfo,
  FileList,
  Requested,
  Restored,
  RunDetail,
  RunList,
  RunningCell,
  RunningCells,
  StoreInfo,
  StoreList
} from './types.js';

/** Sends a request to a path below the server's base URL, e.g. `nbtracker/api/stores`. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** Which run: a project and an id that is unique in it. */
export interface RunName {
  readonly project: string;
  readonly id: string;
}

/** What the server refused, or why there was no answer. */
export class RefusedError extends Error {
  constructor(
    /** The HTTP status; 0 if nothing answered. */
    readonly status: number,
    message: string,
    /** What the user can do about it; may be empty. */
    readonly hint: string = ''
  ) {
    super(message);
    this.name = 'RefusedError';
  }
}

/** The server does not know our addresses at all. */
export class MissingError extends RefusedError {
  constructor() {
    super(
      404,
      'This Jupyter server has no nbtracker extension',
      'Install nbtracker where the server runs, and start the server again.'
    );
  }
}

/** Which runs to list; what is left out is the server's default. */
export interface RunsQuery {
  filter?: string;
  order?: string;
  skip?: number;
  limit?: number;
  group?: string;
  /** Only runs of one group, by its name in JSON. */
  within?: string;
  archived?: boolean;
}

type Parameter = string | number | boolean | readonly string[] | undefined;

interface Kept {
  readonly etag: string;
  readonly body: unknown;
}

/** How many answers are kept to be asked for again with their ETag. */
const N_KEPT = 64;

/** Asks the server extension; one a page. */
export class Client {
  constructor(private readonly _send: Send) {}

  /** Whether the server has no such extension, as far as its last answer tells. */
  get isMissing(): boolean {
    return this._isMissing;
  }

  async stores(): Promise<StoreInfo[]> {
    return (await this._get<StoreList>('stores')).stores;
  }

  runs(store: string, query: RunsQuery = {}): Promise<RunList> {
    return this._get(storePath(store, 'runs'), { ...query });
  }

  /** Which cells of a store's runs are executed now. */
  async running(store: string): Promise<RunningCell[]> {
    return (await this._get<RunningCells>(storePath(store, 'running'))).cells;
  }

  /** How far the server is with a store that it reads for the first time; it answers at once. */
  indexing(store: string): Promise<{ n_indexed: number | null; n_runs: number }> {
    return this._get(storePath(store, 'indexing'));
  }

  /** Which runs changed since a revision; of another epoch, all of them may have. */
  changes(store: string, since: number, epoch: string): Promise<Changes> {
    return this._get(storePath(store, 'changes'), { since, epoch });
  }

  fields(store: string): Promise<Fields> {
    return this._get(storePath(store, 'fields'));
  }

  /** Up to 64 numbers a run, by `project/id`. */
  sparks(
    store: string,
    metric: string,
    runs: readonly string[]
  ): Promise<Record<string, (number | null)[]>> {
    return this._get(storePath(store, 'sparks'), { metric, run: runs });
  }

  run(store: string, run: RunName): Promise<RunDetail> {
    return this._get(runPath(store, run));
  }

  async cells(store: string, run: RunName): Promise<CellInfo[]> {
    return (await this._get<CellList>(runPath(store, run, 'cells'))).cells;
  }

  async files(store: string, run: RunName): Promise<FileInfo[]> {
    return (await this._get<FileList>(runPath(store, run, 'files'))).files;
  }

  compare(store: string, runs: readonly RunName[]): Promise<Comparison> {
    return this._get(storePath(store, 'compare'), {
      run: runs.map(run => `${run.project}/${run.id}`)
    });
  }

  /** In which lines a file of the code of two runs differs. */
  codeLines(store: string, a: RunName, b: RunName, path: string): Promise<CodeLines> {
    return this._get(storePath(store, 'compare', 'code'), {
      run: [a, b].map(run => `${run.project}/${run.id}`),
      path
    });
  }

  async series(store: string, run: RunName, query: SeriesQuery): Promise<Series> {
    const path = address(runPath(store, run, 'series'), {
      metric: query.metrics,
      x: query.x,
      bins: query.bins,
      rows: query.rows && `${query.rows[0]}:${query.rows[1]}`,
      since: query.since,
      width: query.width,
      ema: query.ema
    });
    const response = await this._request(path, {});
    return decodeSeries(await response.arrayBuffer());
  }

  edit(store: string, run: RunName, edit: Edit): Promise<RunDetail> {
    return this._change('PATCH', runPath(store, run), edit);
  }

  /** Puts the run into the store's trash; `restore` brings it back. */
  remove(store: string, run: RunName): Promise<Discarded> {
    return this._change('DELETE', runPath(store, run));
  }

  restore(store: string, trash: string): Promise<Restored> {
    return this._change('POST', storePath(store, 'trash', trash, 'restore'));
  }

  /** Asks the run to end at its next `log()`. */
  stop(store: string, run: RunName): Promise<Requested> {
    return this._change('POST', runPath(store, run, 'stop'));
  }

  checkpoint(store: string, run: RunName): Promise<Requested> {
    return this._change('POST', runPath(store, run, 'checkpoint'));
  }

  private async _get<T>(path: string, parameters: Record<string, Parameter> = {}): Promise<T> {
    const full = address(path, parameters);
    const kept = this._kept.get(full);
    const response = await this._request(full, kept && { 'If-None-Match': kept.etag });
    if (response.status === 304 && kept) {
      return kept.body as T;
    }
    const body = parsePlain(await response.text());
    const etag = response.headers.get('ETag');
    this._kept.delete(full);
    if (etag) {
      this._kept.set(full, { etag, body });
      const oldest = this._kept.size > N_KEPT ? this._kept.keys().next().value : undefined;
      if (oldest !== undefined) {
        this._kept.delete(oldest);
      }
    }
    return body as T;
  }

  private async _change<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this._request(
      API + path,
      body === undefined ? {} : { 'Content-Type': 'application/json' },
      { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    );
    return (response.status === 204 ? null : parsePlain(await response.text())) as T;
  }

  private async _request(
    path: string,
    headers: Record<string, string> = {},
    init: RequestInit = {}
  ): Promise<Response> {
    let response: Response;
    try {
      response = await this._send(path, { ...init, headers });
    } catch (error) {
      throw new RefusedError(0, `The Jupyter server does not answer: ${String(error)}`);
    }
    if (response.ok || response.status === 304) {
      this._isMissing = false;
      return response;
    }
    const refused = await refusal(response);
    this._isMissing = refused instanceof MissingError;
    throw refused;
  }

  private _isMissing = false;
  private readonly _kept = new Map<string, Kept>();
}

/** The address of a file of a run, below the server's base URL. */
export function fileAddress(store: string, run: RunName, path: string): string {
  return API + runPath(store, run, 'files', ...path.split('/'));
}

/** Reads `project/id`; null if it is not the name of a run. */
export function parseRunName(text: unknown): RunName | null {
  if (typeof text !== 'string' || text.length > 400) {
    return null;
  }
  const [project, id, ...more] = text.split('/');
  return isPart(project) && isPart(id) && more.length === 0 ? { project, id } : null;
}

// A browser resolves "..", so a name like that would ask for another address.
function isPart(part: string | undefined): part is string {
  return part !== undefined && !/^\.{0,2}$|[\\\u0000-\u001f]/.test(part);
}

const API = 'nbtracker/api/';

function storePath(store: string, ...parts: string[]): string {
  return ['stores', store, ...parts].map(encodeURIComponent).join('/');
}

function runPath(store: string, run: RunName, ...parts: string[]): string {
  return storePath(store, 'runs', run.project, run.id, ...parts);
}

function address(path: string, parameters: Record<string, Parameter>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        search.append(name, String(one));
      }
    }
  }
  const text = search.toString();
  return API + path + (text && `?${text}`);
}

async function refusal(response: Response): Promise<RefusedError> {
  const said: unknown = await response.json().catch(() => null);
  const field = (name: string): string => {
    const value =
      typeof said === 'object' && said !== null ? Reflect.get(said, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const message = field('message');
  if (message === '' && response.status === 404) {
    return new MissingError();
  }
  return new RefusedError(
    response.status,
    message || `The server answered ${response.status}`,
    field('hint')
  );
}
