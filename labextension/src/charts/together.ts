/** What the charts of a display have in common while they are linked. */

import { MAX_EMA } from './choices.js';
import type { ChartStorage, SharedLook, SharedNews, SharedView } from './types.js';

const KEY = 'charts:together';

/**
 * Links charts: each follows what is chosen in the others. A page makes one, gives it to its charts
 * as `shared`, and has a button that calls `link`.
 *
 * @param storage Remembers whether charts are linked and what was chosen; not the zoom.
 */
export class Together implements SharedView {
  constructor(private readonly _storage?: ChartStorage) {
    const { isLinked, x, isLogX, ema } = this._recalled();
    this._isLinked = isLinked === true;
    this._look = {
      x: typeof x === 'string' ? x : null,
      isLogX: typeof isLogX === 'boolean' ? isLogX : null,
      ema: typeof ema === 'number' && ema >= 0 && ema <= MAX_EMA ? ema : null,
      part: null
    };
  }

  get isLinked(): boolean {
    return this._isLinked;
  }

  get look(): Readonly<SharedLook> {
    return this._look;
  }

  /**
   * Link the charts: all take over what was last chosen in any of them. Or let each be on its own
   * again: then each stays as it is.
   */
  link(isLinked: boolean): void {
    if (isLinked === this._isLinked) {
      return;
    }
    this._isLinked = isLinked;
    this._remember();
    if (isLinked) {
      this._tell(this._look, this);
    }
  }

  change(news: SharedNews, by: object): void {
    const { isReset = false, ...change } = news;
    this._look = { ...this._look, ...change, ...(isReset ? { part: null } : {}) };
    this._remember();
    if (this._isLinked) {
      this._tell(news, by);
    }
  }

  listen(who: object, told: (news: SharedNews) => void): () => void {
    this._told.set(who, told);
    return () => this._told.delete(who);
  }

  private _tell(news: SharedNews, by: object): void {
    [...this._told].forEach(([who, told]) => {
      if (who !== by) {
        told(news);
      }
    });
  }

  private _recalled(): Partial<Record<string, unknown>> {
    try {
      const said = this._storage?.get(KEY);
      return typeof said === 'object' && said !== null ? { ...said } : {};
    } catch {
      return {};
    }
  }

  private _remember(): void {
    const { x, isLogX, ema } = this._look;
    try {
      this._storage?.set(KEY, { isLinked: this._isLinked, x, isLogX, ema });
    } catch {
      // A storage that is full or forbidden is no reason to fail.
      return;
    }
  }

  private _isLinked: boolean;
  private _look: SharedLook;
  private readonly _told = new Map<object, (news: SharedNews) => void>();
}
