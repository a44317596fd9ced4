/** The runs that the list shows. Knows the server's words, not the screen. */
import { RefusedError, type Client, type RunsQuery } from '../wire/client.js';
import type { Events } from '../wire/events.js';
import type { RunList, RunRow } from '../wire/types.js';
import type { Grouping } from './choices.js';
import { Failures } from './failures.js';
import { IndexWatch, type AskIndexing, type Indexing } from './indexing.js';
import { firstPage, PAGE, queryOf, sectionsOf, type Asked, type Held, type Section } from './sections.js';

/** What went wrong; a filter can be mended by whoever wrote it. */
export interface Trouble {
  readonly isOfFilter: boolean;
  readonly error: RefusedError;
}

/** How many pages are asked for at the same time; the server answers one after the other. */
const AT_ONCE = 3;
/** After an answer the server has rest, at least so long and so many times what it took. */
const REST_MS = 100;
const REST = 1;

/** Asks for what is looked at, and again when the server says that something changed. */
export class RunsModel {
  /** Called after every change of what is here. */
  onChange: () => void = () => undefined;

  constructor(
    private readonly _client: Pick<Client, 'runs'>,
    private readonly _events: Pick<Events, 'watch'>,
    askIndexing: AskIndexing | null = null
  ) {
    this._indexWatch = askIndexing && new IndexWatch(askIndexing, indexing => {
      this._indexing = indexing;
      this.onChange();
    });
  }

  /** In the order in which they are shown. */
  get sections(): readonly Section[] {
    return this._sections;
  }

  /** How many runs fulfil the filter. */
  get total(): number {
    return this._total;
  }

  /** How many runs the store has. */
  get n_all(): number {
    return this._n_all;
  }

  /** What went wrong with the last question, if anything did. */
  get trouble(): Trouble | null {
    return this._trouble;
  }

  /** Whether any answer to the present question has come. */
  get isThere(): boolean {
    return this._isThere;
  }

  /** How far the server is with a store that it reads for the first time; null if that is not known. */
  get indexing(): Indexing | null {
    return this._indexing;
  }

  /** Whether nobody answers here, so that nothing is asked until the user asks again. */
  get isMissing(): boolean {
    return this._isMissing;
  }

  /** Asks another question. What was there stays until the answer comes. */
  ask(asked: Asked): void {
    if (this._asked?.store !== asked.store) {
      this._leave();
      this._indexWatch?.stop();
      this._sections = [];
      this._isThere = false;
    }
    this._asked = asked;
    this._failures.forget();
    this._generation += 1;
    this._isAsking = false;
    this.refresh();
  }

  /** Whether anybody looks; while nobody does, nothing is asked. */
  setSeen(isSeen: boolean): void {
    this._isSeen = isSeen;
    // Whoever brings the panel up asks again.
    if (isSeen && (this._isStale || this._isMissing)) {
      this.refresh();
    }
  }

  /** Asks again, also for what failed a moment ago. */
  retry(): void {
    this._failures.forget();
    this.refresh();
  }

  /** Asks the same again, as soon as the server has had some rest. */
  refresh(): void {
    this._isMissing = false;
    this._watch();
    this._isStale = true;
    if (!this._isSeen) {
      return;
    }
    const wait = this._restsUntil - performance.now();
    if (wait <= 0) {
      void this._look();
    } else {
      this._waiting ??= setTimeout(() => void this._look(), wait);
    }
  }

  /**
   * Says which rows of a section are looked at: from the first to before the second. Of many that
   * are passed by quickly some are not asked for; when others have come, `onChange` says so.
   */
  need(section: Section, from: number, to: number): void {
    const held = this._sections.find(one => one === section);
    if (held !== undefined) {
      for (let page = Math.floor(from / PAGE); page * PAGE < Math.min(to, held.n_runs); page += 1) {
        if (this._n_loading < AT_ONCE && !this._failures.has(held.key, page)) {
          void this._load(held, page);
        }
      }
    }
  }

  /** Gives rows of a section, asking for those that are missing. */
  async rows(section: Section, from: number, to: number): Promise<RunRow[]> {
    const held = this._sections.find(one => one === section);
    const asked: Promise<void>[] = [];
    for (let page = Math.floor(from / PAGE); held !== undefined && page * PAGE < to; page += 1) {
      asked.push(this._load(held, page));
    }
    await Promise.all(asked);
    return section.rows.slice(from, to).filter(row => row !== undefined);
  }

  /** Shows a run as the server just said it is, before it says so to everyone. */
  put(run: RunRow): void {
    for (const section of this._sections) {
      const at = section.rows.findIndex(row => row?.id === run.id && row.project === run.project);
      if (at >= 0) {
        section.rows[at] = run;
      }
    }
    this.onChange();
  }

  /** Asks nothing any more. */
  dispose(): void {
    this._leave();
    this._indexWatch?.stop();
    clearTimeout(this._waiting);
    this._failures.forget();
    this._generation += 1;
    this.onChange = () => undefined;
  }

  private _watch(): void {
    const store = this._asked?.store;
    if (store !== undefined && this._stop === null) {
      this._stop = this._events.watch(store, null, changed => {
        if (changed === null || changed.revision !== this._revision) {
          this.refresh();
        }
      });
    }
  }

  private _leave(): void {
    this._stop?.();
    this._stop = null;
  }

  private async _look(): Promise<void> {
    clearTimeout(this._waiting);
    this._waiting = undefined;
    const asked = this._asked;
    if (asked === null || this._isAsking) {
      return;
    }
    this._isAsking = true;
    this._isStale = false;
    if (!this._isThere) {
      this._indexWatch?.start(asked.store);
    }
    const [generation, began] = [this._generation, performance.now()];
    try {
      const query = queryOf(asked);
      const list = await this._client.runs(asked.store, { ...query, limit: firstPage(asked.group) });
      if (generation !== this._generation) {
        return;
      }
      this._take(list, asked.group, query);
      this._trouble = this._failures.isEmpty ? null : this._trouble;
    } catch (error) {
      if (generation !== this._generation) {
        return;
      }
      this._fail(error);
    }
    this._indexWatch?.stop();
    const now = performance.now();
    this._restsUntil = now + Math.max(REST_MS, REST * (now - began));
    this._isAsking = false;
    this.onChange();
    if (this._isStale) {
      this.refresh();
    }
  }

  private _take(list: RunList, group: Grouping, query: RunsQuery): void {
    [this._total, this._n_all, this._revision] = [list.total, list.n_all, list.revision];
    this._isThere = true;
    const known = new Map(this._sections.map(section => [section.key, section]));
    this._sections = sectionsOf(list, group, query).map(section => {
      // Rows that were there are shown until the new ones come.
      const before = known.get(section.key);
      before?.rows.slice(0, section.n_runs).forEach((row, index) => (section.rows[index] ??= row));
      return section;
    });
  }

  private async _load(section: Held, page: number): Promise<void> {
    const [asked, generation] = [this._asked, this._generation];
    if (asked === null || section.fresh.has(page) || section.asked.has(page)) {
      return;
    }
    section.asked.add(page);
    this._n_loading += 1;
    const skip = section.offset + page * PAGE;
    const limit = Math.min(PAGE, section.n_runs - page * PAGE);
    try {
      const list = await this._client.runs(asked.store, { ...section.query, skip, limit });
      list.runs.forEach((row, index) => (section.rows[page * PAGE + index] = row));
      section.fresh.add(page);
    } catch (error) {
      if (generation === this._generation) {
        this._failures.add(section.key, page);
        this._fail(error);
      }
    }
    section.asked.delete(page);
    this._n_loading -= 1;
    this.onChange();
  }

  private _fail(error: unknown): void {
    const refused = error instanceof RefusedError ? error : new RefusedError(0, String(error));
    const isOfFilter = refused.status === 400 || (refused.status === 404 && this._isThere);
    if (refused.status === 404 && !this._isThere) {
      // Without our server extension, or without the store, asking every two seconds is of no use.
      this._isMissing = true;
      this._isStale = false;
      this._leave();
    }
    this._trouble = { isOfFilter: isOfFilter && this._asked?.filter !== '', error: refused };
  }

  private _asked: Asked | null = null;
  private _sections: readonly Held[] = [];
  private _total = 0;
  private _n_all = 0;
  private _revision = -1;
  private _trouble: Trouble | null = null;
  private _isThere = false;
  private _isMissing = false;
  private _indexing: Indexing | null = null;
  private readonly _indexWatch: IndexWatch | null;
  private readonly _failures = new Failures(() => this.refresh());
  private _isAsking = false;
  private _isStale = false;
  private _isSeen = true;
  private _generation = 0;
  private _n_loading = 0;
  private _restsUntil = 0;
  private _waiting: ReturnType<typeof setTimeout> | undefined;
  private _stop: (() => void) | null = null;
}
