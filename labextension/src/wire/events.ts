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
/** A proxy that swallows upgrades leaves a socket connecting for minutes. */
const CONNECT_MS = 10_000;
/** The server closes a socket with this code if it has too many clients, or a slow one. */
const TRY_AGAIN_LATER = 1013;
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
    this._pollIfNeeded();
    if (this._socket === null && this._retry === undefined) {
      this._open();
    } else {
      this._tellSoon(store);
    }
    return () => {
      if (this._watches.delete(watch)) {
        this._tellSoon(store);
        this._pollIfNeeded();
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
    this._expectWord(CONNECT_MS);
    socket.onopen = () => {
      this._isOpen = true;
      this._expectWord(SILENT_MS);
      for (const store of new Set([...this._watches].map(watch => watch.store))) {
        this._tell(store);
      }
    };
    socket.onmessage = event => {
      this._expectWord(SILENT_MS);
      // A server that takes a socket may still close it at once: a word tells that it is there.
      this._failures = 0;
      this._take(event.data);
    };
    socket.onclose = ({ code }) => this._lost(code === TRY_AGAIN_LATER ? LAST_RETRY_MS : 0);
  }

  private _expectWord(within_ms: number): void {
    clearTimeout(this._silence);
    this._silence = setTimeout(() => this._lost(), within_ms);
  }

  private _lost(least_ms = 0): void {
    this._letGo();
    this._pollIfNeeded();
    if (this._watches.size === 0) {
      return;
    }
    const wait = Math.min(LAST_RETRY_MS, Math.max(least_ms, FIRST_RETRY_MS * 2 ** this._failures));
    this._failures += 1;
    // Pages that lost the same server do not come back in the same moment.
    this._retry = setTimeout(() => this._open(), wait * (0.75 + Math.random() / 2));
  }

  private _letGo(): void {
    clearTimeout(this._silence);
    const socket = this._socket;
    this._socket = null;
    this._isOpen = false;
    [this._told, this._unanswered, this._heard].forEach(stores => stores.clear());
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  /** Has who watches look now and then, in each store of which the server has said nothing. */
  private _pollIfNeeded(): void {
    const isUnheard = ({ store }: Watch): boolean => !this._heard.has(store);
    if (![...this._watches].some(isUnheard)) {
      clearInterval(this._polling);
      this._polling = undefined;
      return;
    }
    this._polling ??= setInterval(() => {
      if (!document.hidden) {
        this._emit(isUnheard, null);
      }
    }, POLL_MS);
  }

  private _stop(): void {
    clearTimeout(this._retry);
    this._retry = undefined;
    this._letGo();
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
    if (watches.length === 0) {
      this._untell(store);
      return;
    }
    const runs = new Set(watches.map(watch => watch.run).filter(run => run !== null));
    const named = [...runs].slice(-MAX_RUNS);
    this._told.add(store);
    this._unanswered.add(store);
    this._socket?.send(JSON.stringify({ type: 'watch', store, runs: named }));
  }

  /** The server follows few stores for a page, and looks into each for as long as it does. */
  private _untell(store: string): void {
    if (!this._told.delete(store)) {
      return;
    }
    this._unanswered.delete(store);
    this._heard.delete(store);
    this._socket?.send(JSON.stringify({ type: 'unwatch', store }));
    // One that was refused may have room now.
    [...this._told].filter(other => !this._heard.has(other)).forEach(other => this._tell(other));
  }

  private _take(data: unknown): void {
    const said = typeof data === 'string' ? (JSON.parse(data) as Said) : {};
    const changed = readChanged(said);
    if (changed) {
      this._hear(changed.store);
      this._emitNamed(changed);
      if (changed.runs.length + changed.gone.length === 0) {
        void this._askWhich(changed);
      }
    } else if (said.type === 'error') {
      // It does not say which: any that waits for its answer may be the one that gets none. Where
      // none waits, it was about the end of a watch, which older servers do not know.
      this._unanswered.forEach(store => this._heard.delete(store));
      this._unanswered.clear();
      this._pollIfNeeded();
    }
  }

  private _hear(store: string): void {
    this._unanswered.delete(store);
    if (this._told.has(store) && !this._heard.has(store)) {
      this._heard.add(store);
      this._pollIfNeeded();
      // What happened before the server looked went by unseen.
      this._emit(watch => watch.store === store, null);
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
  /** Stores that this socket was told to watch. */
  private readonly _told = new Set<string>();
  /** Those of them whose last watch has got no answer yet. */
  private readonly _unanswered = new Set<string>();
  /** Those of them of which the server tells. */
  private readonly _heard = new Set<string>();
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

type Said = Partial<Changed> & { type?: string };

function readChanged(said: Said): Changed | null {
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
