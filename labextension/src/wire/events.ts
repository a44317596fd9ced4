/**
 * One websocket a page tells what changed; without one, whoever watches is asked to look every two
 * seconds, which costs the server an ETag each.
 */

import type { Changes } from './types.js';

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string): void;
  close(): void;
}

/** What changed in a store; `null` when it is not known, as after a lost connection. */
export interface Changed {
  readonly store: string;
  readonly revision: number;
  readonly runs: readonly string[];
  readonly gone: readonly string[];
}

/** Asks which runs of a store changed since a revision of an epoch. */
export type AskChanges = (store: string, since: number, epoch: string) => Promise<Changes>;

type Listener = (changed: Changed | null) => void;

interface Watch {
  readonly store: string;
  /** `project/id`, or null for every run of the store. */
  readonly run: string | null;
  readonly listener: Listener;
}

const POLL_MS = 2000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
/** The server says something every ten seconds; a socket that says nothing for so long is dead. */
const SILENT_MS = 35_000;
/** The server follows at most so many runs for a page. */
const MAX_RUNS = 200;
/** Nothing watches for so long, and the socket is closed. */
const LINGER_MS = 5000;

/** Tells who watches a run or a store that something changed. */
export class Events {
  constructor(
    private readonly _connect: () => Socket,
    private readonly _ask: AskChanges | null = null
  ) {}

  /**
   * Calls the listener whenever the run, or with `null` any run of the store, may have changed.
   * Returns what ends that.
   */
  watch(store: string, run: string | null, listener: Listener): () => void {
    const watch = { store, run, listener };
    this._watches.add(watch);
    clearTimeout(this._lingering);
    if (this._socket === null && this._retry === undefined) {
      this._open();
    } else {
      this._tellSoon(store);
    }
    return () => {
      if (this._watches.delete(watch)) {
        this._tellSoon(store);
        if (this._watches.size === 0) {
          this._lingering = setTimeout(() => this._stop(), LINGER_MS);
        }
      }
    };
  }

  private _open(): void {
    this._retry = undefined;
    let socket: Socket;
    try {
      socket = this._connect();
    } catch {
      this._lost();
      return;
    }
    this._socket = socket;
    socket.onopen = () => {
      this._isOpen = true;
      this._failures = 0;
      this._expectWord();
      clearInterval(this._polling);
      this._polling = undefined;
      for (const store of new Set([...this._watches].map(watch => watch.store))) {
        this._tell(store);
      }
      // What happened while there was no socket went by unseen.
      this._emit(() => true, null);
    };
    socket.onmessage = event => {
      this._expectWord();
      this._take(event.data);
    };
    socket.onclose = () => {
      if (this._socket === socket) {
        this._lost();
      }
    };
  }

  private _expectWord(): void {
    clearTimeout(this._silence);
    this._silence = setTimeout(() => {
      const socket = this._socket;
      this._lost();
      socket?.close();
    }, SILENT_MS);
  }

  private _lost(): void {
    clearTimeout(this._silence);
    this._socket = null;
    this._isOpen = false;
    if (this._watches.size === 0) {
      return;
    }
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this._failures);
    this._failures += 1;
    // Pages that lost the same server do not come back in the same moment.
    this._retry = setTimeout(() => this._open(), wait * (0.75 + Math.random() / 2));
    this._polling ??= setInterval(() => {
      if (!document.hidden) {
        this._emit(() => true, null);
      }
    }, POLL_MS);
  }

  private _stop(): void {
    clearTimeout(this._retry);
    clearTimeout(this._silence);
    clearInterval(this._polling);
    this._retry = this._polling = undefined;
    const socket = this._socket;
    this._socket = null;
    this._isOpen = false;
    socket?.close();
  }

  private _tellSoon(store: string): void {
    if (this._unsaid.size === 0) {
      queueMicrotask(() => {
        const stores = [...this._unsaid];
        this._unsaid.clear();
        stores.forEach(one => this._tell(one));
      });
    }
    this._unsaid.add(store);
  }

  private _tell(store: string): void {
    if (!this._isOpen) {
      return;
    }
    const watches = [...this._watches].filter(watch => watch.store === store);
    const runs = new Set(watches.map(watch => watch.run).filter(run => run !== null));
    const named = [...runs].slice(-MAX_RUNS);
    this._socket?.send(JSON.stringify({ type: 'watch', store, runs: named }));
  }

  private _take(data: unknown): void {
    const changed = typeof data === 'string' ? readChanged(data) : null;
    if (changed) {
      this._emitNamed(changed);
      if (changed.runs.length + changed.gone.length === 0) {
        void this._askWhich(changed);
      }
    }
  }

  private _emitNamed(changed: Changed): void {
    const named = new Set([...changed.runs, ...changed.gone]);
    this._emit(
      watch => watch.store === changed.store && (watch.run === null || named.has(watch.run)),
      changed
    );
  }

  /** The server names no run: either none changed, or it does not know which. */
  private async _askWhich({ store, revision }: Changed): Promise<void> {
    const before = this._clocks.get(store);
    if (this._ask === null || before?.revision === revision) {
      return;
    }
    try {
      const { runs, gone, everything, ...now } = await this._ask(
        store,
        before?.revision ?? revision,
        before?.epoch ?? ''
      );
      this._clocks.set(store, now);
      if (before === undefined) {
        // Whoever watches has looked a moment ago.
      } else if (everything) {
        this._emit(watch => watch.store === store, null);
      } else {
        this._emitNamed({ store, revision: now.revision, runs, gone });
      }
    } catch {
      this._emit(watch => watch.store === store, null);
    }
  }

  private _emit(concerns: (watch: Watch) => boolean, changed: Changed | null): void {
    [...this._watches].filter(concerns).forEach(watch => watch.listener(changed));
  }

  private readonly _watches = new Set<Watch>();
  private readonly _unsaid = new Set<string>();
  /** How far each store was when it was last asked which runs changed. */
  private readonly _clocks = new Map<string, { revision: number; epoch: string }>();
  private _socket: Socket | null = null;
  private _isOpen = false;
  private _failures = 0;
  private _retry: ReturnType<typeof setTimeout> | undefined;
  private _polling: ReturnType<typeof setInterval> | undefined;
  private _silence: ReturnType<typeof setTimeout> | undefined;
  private _lingering: ReturnType<typeof setTimeout> | undefined;
}

function readChanged(data: string): Changed | null {
  const said = JSON.parse(data) as Partial<Changed> & { type?: string };
  if (said.type !== 'changed' || typeof said.store !== 'string') {
    return null;
  }
  return {
    store: said.store,
    revision: said.revision ?? 0,
    runs: said.runs ?? [],
    gone: said.gone ?? []
  };
}
