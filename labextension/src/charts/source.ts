/** The bins of one line of a chart: the whole, what is seen of it in detail, and what is added. */

import type { Series } from '../wire/decode.js';
import type { Feed, SeriesQuery } from '../wire/feed.js';
import { at, atMost, type Bins, binAt, type Grid, gridOf, patched, sliceBins, withTail } from './bins.js';
import { type Looking, type Rows, wanted } from './detail.js';
import { ema } from './ema.js';
import { bySegment, type SegmentBins, segmentRanges, type Stretch, withStretches } from './segments.js';
import { type Turn, turnsOf } from './turns.js';

/** What is asked of the feed. */
export interface Asked {
  x: string;
  ema: number;
  bins: number;
}

/** The steps and the moments of some rows, each from the first to the last. */
export interface When {
  step: Rows;
  moment: Rows;
}

/** More than what is asked for one view: else looking would never come to an end. */
const MAX_PATCHES = 64;
const MAX_ASKED_FOR_A_VIEW = 32;
const MAX_QUESTIONS = 4;
const MAX_WHENS = 500;

/** One metric of one run, as far as it is known. */
export class Source {
  constructor(
    private readonly _feed: Feed,
    readonly metric: string,
    private readonly _changed: () => void
  ) {}

  /** The x of what is known; null if nothing is known yet. */
  x: string | null = null;
  /** Oldest first. */
  parts: SegmentBins[] = [];
  stretches: Stretch[] = [];
  /** Where another cell or segment goes on. */
  turns: Turn[] = [];
  /** Older segments that are not among the parts, for there are too many. */
  nLeftOut = 0;
  isRunning = false;
  /** Of the run, with or without the metric. */
  nRows = 0;
  /** Why nothing new is known. */
  error: string | null = null;

  /** Ask for everything, or for what was added since. */
  async ask(asked: Asked): Promise<void> {
    if (this._isAsking) {
      this._next = asked;
      return;
    }
    this._isAsking = true;
    try {
      await this._askOnce(asked);
      this.error = null;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
    this._isAsking = false;
    if (this._isDisposed) {
      return;
    }
    this._changed();
    const next = this._next;
    this._next = null;
    if (next !== null) {
      await this.ask(next);
    }
  }

  /** Ask for more detail where bins hide where in them something is. */
  look(looking: Omit<Looking, 'growsFrom'>): void {
    if (this._grid === null || this._asked === null) {
      return;
    }
    const view = JSON.stringify(looking);
    if (view !== this._view) {
      this._view = view;
      this._nAskedForView = 0;
    }
    const growsFrom = this.isRunning ? this._lastBin() : Infinity;
    for (const rows of wanted(this.parts, { ...looking, growsFrom })) {
      const mayAsk = this._nQuestions < MAX_QUESTIONS && this._nAskedForView < MAX_ASKED_FOR_A_VIEW;
      if (mayAsk && !this._tried.has(String(rows))) {
        this._nAskedForView += 1;
        void this._askRows(rows, looking.width);
      }
    }
  }

  /** Say when some rows were logged. */
  when(row: number, size: number): Promise<When> {
    const key = `${row}:${size}`;
    let found = this._whens.get(key);
    if (found === undefined) {
      if (this._whens.size >= MAX_WHENS) {
        this._whens.clear();
      }
      found = this._askWhen(row, size);
      found.catch(() => this._whens.delete(key));
      this._whens.set(key, found);
    }
    return found;
  }

  /** Forget everything; answers that still come are not taken in. */
  dispose(): void {
    this._isDisposed = true;
    this.parts = [];
    this._patches = [];
    this._grid = null;
    this._whens.clear();
  }

  private async _askOnce(asked: Asked): Promise<void> {
    const { _asked: before, _grid: grid } = this;
    const isSame = before !== null && before.x === asked.x && before.bins >= asked.bins;
    if (isSame && grid !== null && grid.rowsPerBin === 1 && before.ema !== asked.ema) {
      this._asked = { ...before, ema: asked.ema };
      this._average(asked.ema);
    }
    const isTail = isSame && this._asked?.ema === asked.ema && grid !== null && grid.bins.row.length > 0;
    if (isTail && (await this._askTail(asked, grid))) {
      return;
    }
    const series = await this._feed.series(this._query(asked));
    if (!this._isDisposed && !this._isLate(asked)) {
      this._asked = asked;
      this.x = asked.x;
      this.stretches = withStretches([], series.header.stretches);
      this._replace(gridOf(series, this.metric), series);
      this._forgetDetail();
      this._compose();
    }
  }

  /** Returns whether the tail could be put onto what was there. */
  private async _askTail(asked: Asked, grid: Grid): Promise<boolean> {
    const since = this._lastBin();
    const wasRunning = this.isRunning;
    const series = await this._feed.series({ ...this._query(asked), since });
    const tail = gridOf(series, this.metric);
    if (this._isLate(asked)) {
      return true;
    }
    const joined = withTail(grid, tail);
    const isShorter = series.header.n_rows < this.nRows;
    // Rows may have come late to full bins; once a run has ended, all is asked for again.
    const hasEnded = wasRunning && !series.header.is_running;
    if (joined === null || isShorter || hasEnded || this._isDisposed) {
      return this._isDisposed;
    }
    this.stretches = withStretches(this.stretches, series.header.stretches);
    const fitting = atMost(joined, 2 * asked.bins);
    const isWider = fitting.rowsPerBin !== grid.rowsPerBin;
    this._forget(({ rows: [, end] }) => end > since);
    if (isWider) {
      this._forgetDetail();
    }
    this._replace(fitting, series);
    if (fitting.rowsPerBin === 1 && asked.ema > 0) {
      this._average(asked.ema);
    }
    this._compose();
    return true;
  }

  private async _askRows(rows: Rows, width: number): Promise<void> {
    const { _asked: asked, _grid: grid } = this;
    const key = String(rows);
    if (asked === null) {
      return;
    }
    this._tried.add(key);
    this._nQuestions += 1;
    try {
      const bins = 2 ** Math.ceil(Math.log2(Math.max(256, 2 * width)));
      const series = await this._feed.series({ ...this._query({ ...asked, bins }), rows: [rows[0], rows[1]] });
      const isStale = asked !== this._asked || grid?.rowsPerBin !== this._grid?.rowsPerBin;
      if (!isStale && !this._isDisposed) {
        const found = gridOf(series, this.metric).bins;
        this._patches.push({ rows, bins: sliceBins(found, binAt(found, rows[0]), binAt(found, rows[1])) });
        // Of a finer question, the answer tells of more stretches.
        this.stretches = withStretches(this.stretches, series.header.stretches);
        this._forgetSome();
        this._compose();
      }
    } catch {
      // The coarse picture is true, and the next look asks again. Nothing is told, for that would
      // make the chart look at once.
      this._tried.delete(key);
      this._nAskedForView -= 1;
      return;
    } finally {
      this._nQuestions -= 1;
    }
    if (!this._isDisposed) {
      this._changed();
    }
  }

  private async _askWhen(row: number, size: number): Promise<When> {
    const of = async (x: string): Promise<Rows> => {
      const rows: [number, number] = [row, row + size];
      const { xFirst, xLast } = await this._feed.series({ metrics: [this.metric], x, bins: 1, rows });
      return [at(xFirst, 0), at(xLast, xLast.length - 1)];
    };
    const [step, moment] = await Promise.all([of('_step'), of('_timestamp')]);
    return { step, moment };
  }

  /** Something else is wanted by now: the answer would be drawn beside the wrong choice. */
  private _isLate({ x, ema: weight }: Asked): boolean {
    return this._next !== null && (this._next.x !== x || this._next.ema !== weight);
  }

  private _query({ x, ema: weight, bins }: Asked): SeriesQuery {
    const query = { metrics: [this.metric], x, bins };
    return weight > 0 ? { ...query, ema: weight } : query;
  }

  private _replace(grid: Grid, { header }: Series): void {
    this._grid = grid;
    this.nRows = header.n_rows;
    this.isRunning = header.is_running;
  }

  /** All rows are known: their average needs no question. */
  private _average(weight: number): void {
    const { _grid: grid } = this;
    if (grid === null) {
      return;
    }
    const all = new Float64Array(grid.bins.row.length).fill(NaN);
    for (const { from, to } of weight > 0 ? segmentRanges(grid.bins, this.stretches) : []) {
      all.set(ema(grid.bins.first.subarray(from, to), weight), from);
    }
    this._grid = { ...grid, bins: { ...grid.bins, ema: all } };
    this._compose();
  }

  private _compose(): void {
    const whole = this._grid?.bins;
    if (whole !== undefined) {
      const bins = this._patches.reduce((known: Bins, patch) => patched(known, patch.bins), whole);
      const { parts, nLeftOut } = bySegment(bins, this.stretches);
      this.parts = parts;
      this.nLeftOut = nLeftOut;
      this.turns = turnsOf(parts, this.stretches, this.nRows);
    }
  }

  private _forgetDetail(): void {
    this._patches = [];
    this._tried.clear();
    this._nAskedForView = 0;
  }

  /** Finer patches within a forgotten one go with it: they fit nowhere any more. */
  private _forgetSome(): void {
    const [oldest] = this._patches;
    if (this._patches.length > MAX_PATCHES && oldest !== undefined) {
      const [from, end] = oldest.rows;
      this._forget(({ rows }) => rows[0] >= from && rows[1] <= end);
    }
  }

  private _forget(goes: (patch: { rows: Rows }) => boolean): void {
    this._patches.filter(goes).forEach(({ rows }) => this._tried.delete(String(rows)));
    this._patches = this._patches.filter(patch => !goes(patch));
  }

  private _lastBin(): number {
    const row = this._grid?.bins.row;
    return row === undefined || row.length === 0 ? 0 : at(row, row.length - 1);
  }

  private _grid: Grid | null = null;
  private _patches: { rows: Rows; bins: Bins }[] = [];
  private readonly _tried = new Set<string>();
  private _view = '';
  private _nAskedForView = 0;
  private readonly _whens = new Map<string, Promise<When>>();
  private _asked: Asked | null = null;
  private _next: Asked | null = null;
  private _nQuestions = 0;
  private _isAsking = false;
  private _isDisposed = false;
}
