/** A run as the kernel tells it over a comm, where there is no server of ours to ask. */
import { Ahead, replyOf, type Reply } from './ahead.js';
import type { Series } from './decode.js';
import type { Feed, SeriesQuery } from './feed.js';
import type { CellInfo, CellList, RunDetail } from './types.js';

/** The part of an anywidget model that is used. */
export interface Model {
  send(content: unknown): void;
  on(event: 'msg:custom', listener: (content: unknown, buffers: unknown) => void): void;
  off(event: 'msg:custom', listener: (content: unknown, buffers: unknown) => void): void;
}

interface Waiting {
  readonly what: string;
  readonly args: object;
  readonly done: (reply: Reply) => void;
  readonly failed: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** A busy kernel answers late, a dead one never. */
const PATIENCE_MS = 60_000;

/**
 * Asks `{id, what, args}`; the answer is `{id, body}` or `{id, error}`, a series in its one buffer.
 * `{changed: true}` comes unasked. While the kernel executes a cell it takes no questions, and says
 * `{changed: true, ahead: [{what, args, body}, ...]}` instead.
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
    const { series } = await this._ask('series', query);
    if (series === null) {
      throw new Error('The kernel answered without a series');
    }
    return series;
  }

  listen(changed: () => void): () => void {
    const listener = (): void => changed();
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  dispose(): void {
    this._model.off('msg:custom', this._take);
    this._listeners.clear();
    this._ahead.clear();
    this._late.clear();
    for (const { failed, timer } of this._waiting.values()) {
      clearTimeout(timer);
      failed(new Error('The display is gone'));
    }
    this._waiting.clear();
  }

  private _ask(what: string, args: object): Promise<Reply> {
    const known = this._ahead.find(what, args);
    if (known !== null) {
      return Promise.resolve(known);
    }
    return new Promise((done, failed) => {
      const id = this._send(what, args);
      const timer = setTimeout(() => {
        this._waiting.delete(id);
        this._late.add(id);
        failed(new Error('The kernel does not answer'));
      }, PATIENCE_MS);
      this._waiting.set(id, { what, args, done, failed, timer });
    });
  }

  private _send(what: string, args: object): string {
    // Several views of one widget share the comm: each must know its own answers.
    this._n_asked += 1;
    const id = `${this._name}-${this._n_asked}`;
    this._open.add(id);
    this._model.send({ id, what, args });
    return id;
  }

  private readonly _take = (content: unknown, buffers: unknown): void => {
    if (typeof content !== 'object' || content === null) {
      return;
    }
    const { id, changed, ahead } = content as Record<string, unknown>;
    const parts = Array.isArray(buffers) ? (buffers as (ArrayBuffer | ArrayBufferView)[]) : [];
    if (changed === true) {
      this._takeChange(ahead, parts);
    } else if (typeof id === 'string') {
      this._takeAnswer(id, content as Record<string, unknown>, parts);
    }
  };

  private _takeChange(ahead: unknown, buffers: readonly (ArrayBuffer | ArrayBufferView)[]): void {
    if (ahead === undefined) {
      this._ahead.clear();
    } else {
      this._ahead.take(ahead, buffers);
      for (const [id, { what, args, done, timer }] of [...this._waiting]) {
        const reply = this._ahead.find(what, args);
        if (reply !== null) {
          this._waiting.delete(id);
          clearTimeout(timer);
          done(reply);
        }
      }
      // By its answer both sides see that the kernel takes questions again.
      if (this._open.size === 0) {
        this._send('detail', {});
      }
    }
    this._listeners.forEach(listener => listener());
  }

  private _takeAnswer(
    id: string,
    { body, error }: Record<string, unknown>,
    [buffer]: readonly (ArrayBuffer | ArrayBufferView)[]
  ): void {
    if (!this._open.delete(id)) {
      return;
    }
    this._ahead.clear();
    const waiting = this._waiting.get(id);
    if (waiting === undefined) {
      this._takeLate(id);
      return;
    }
    this._waiting.delete(id);
    clearTimeout(waiting.timer);
    if (typeof error === 'string') {
      waiting.failed(new Error(error));
      return;
    }
    try {
      waiting.done(replyOf(body, buffer));
    } catch (wrong) {
      waiting.failed(wrong instanceof Error ? wrong : new Error(String(wrong)));
    }
  }

  /** Nobody waits for it any more, but whoever asked sees by it that the kernel answers again. */
  private _takeLate(id: string): void {
    if (this._late.has(id)) {
      // The others come now, too: once is enough to ask again for everything.
      this._late.clear();
      this._listeners.forEach(listener => listener());
    }
  }

  private readonly _ahead = new Ahead();
  private readonly _waiting = new Map<string, Waiting>();
  /** Questions that the kernel has not answered itself, be they answered ahead or not. */
  private readonly _open = new Set<string>();
  /** Questions that were given up before the kernel answered. */
  private readonly _late = new Set<string>();
  private readonly _listeners = new Set<() => void>();
  private readonly _name = Math.random().toString(36).slice(2, 10);
  private _n_asked = 0;
}
