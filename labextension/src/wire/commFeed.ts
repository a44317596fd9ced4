/** A run as the kernel tells it over a comm, where there is no server of ours to ask. */
import { decodeSeries, parsePlain, type Series } from './decode.js';
import type { Feed, SeriesQuery } from './feed.js';
import type { CellInfo, CellList, RunDetail } from './types.js';

/** The part of an anywidget model that is used. */
export interface Model {
  send(content: unknown): void;
  on(event: 'msg:custom', listener: (content: unknown, buffers: unknown) => void): void;
  off(event: 'msg:custom', listener: (content: unknown, buffers: unknown) => void): void;
}

interface Reply {
  readonly body: unknown;
  readonly buffer: ArrayBuffer | ArrayBufferView | null;
}

interface Waiting {
  readonly done: (reply: Reply) => void;
  readonly failed: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** A busy kernel answers late, a dead one never. */
const PATIENCE_MS = 60_000;

/**
 * Asks `{id, what, args}`; the answer is `{id, body}` or `{id, error}`, a series in its one buffer.
 * `{changed: true}` comes unasked.
 */
export class CommFeed implements Feed {
  constructor(private readonly _model: Model) {
    _model.on('msg:custom', this._take);
  }

  async detail(): Promise<RunDetail> {
    return (await this._ask('detail', {})).body as RunDetail;
  }

  async cells(): Promise<CellInfo[]> {
    const { body } = await this._ask('cells', {});
    return Array.isArray(body) ? (body as CellInfo[]) : (body as CellList).cells;
  }

  async series(query: SeriesQuery): Promise<Series> {
    const { buffer } = await this._ask('series', query);
    if (buffer === null) {
      throw new Error('The kernel answered without a series');
    }
    return decodeSeries(buffer);
  }

  listen(changed: () => void): () => void {
    const listener = (): void => changed();
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  dispose(): void {
    this._model.off('msg:custom', this._take);
    this._listeners.clear();
    for (const { failed, timer } of this._waiting.values()) {
      clearTimeout(timer);
      failed(new Error('The display is gone'));
    }
    this._waiting.clear();
  }

  private _ask(what: string, args: object): Promise<Reply> {
    // Several views of one widget share the comm: each must know its own answers.
    this._n_asked += 1;
    const id = `${this._name}-${this._n_asked}`;
    return new Promise((done, failed) => {
      const timer = setTimeout(() => {
        this._waiting.delete(id);
        failed(new Error('The kernel does not answer'));
      }, PATIENCE_MS);
      this._waiting.set(id, { done, failed, timer });
      this._model.send({ id, what, args });
    });
  }

  private readonly _take = (content: unknown, buffers: unknown): void => {
    if (typeof content !== 'object' || content === null) {
      return;
    }
    const { id, body, error, changed } = content as Record<string, unknown>;
    if (changed === true) {
      this._listeners.forEach(listener => listener());
    }
    const waiting = typeof id === 'string' ? this._waiting.get(id) : undefined;
    if (waiting === undefined) {
      return;
    }
    this._waiting.delete(id as string);
    clearTimeout(waiting.timer);
    if (typeof error === 'string') {
      waiting.failed(new Error(error));
    } else {
      const [buffer] = Array.isArray(buffers) ? (buffers as (ArrayBuffer | ArrayBufferView)[]) : [];
      // Spelled as on the other wire, so that NaN means the same on both.
      waiting.done({ body: parsePlain(JSON.stringify(body ?? null)), buffer: buffer ?? null });
    }
  };

  private readonly _waiting = new Map<string, Waiting>();
  private readonly _listeners = new Set<() => void>();
  private readonly _name = Math.random().toString(36).slice(2, 10);
  private _n_asked = 0;
}
