/** How one chart follows the others of its display, and tells them what was chosen in it. */

import { RELATIVE, STEP, WALL } from './axes.js';
import type { Choices } from './choices.js';
import type { SharedNews, SharedView } from './types.js';
import type { Views } from './view.js';

/** What a chart does when another one was changed. */
export interface Follower {
  /** What was chosen for x, what is x in what is drawn, and which metrics may be x. */
  now(): { x: string; seen: string; stepMetrics: readonly string[] };
  choose(change: Partial<Choices>): void;
  see(views: Partial<Views>): void;
}

/** Stands between a chart and the view that it shares; without one, it does nothing. */
export class Following {
  constructor(private readonly _shared: SharedView | undefined, private readonly _chart: Follower) {
    this._stop = _shared?.listen(this, news => this._follow(news)) ?? (() => undefined);
  }

  /** Take over what was chosen in the others before this chart was there. */
  begin(): void {
    if (this._shared?.isLinked === true) {
      this._follow(this._shared.look);
    }
  }

  /** The user chose something in this chart. */
  chose({ x, isLogX, ema }: Partial<Choices>): void {
    this._say({
      ...(x === undefined ? {} : { x, part: null }),
      ...(isLogX === undefined ? {} : { isLogX, part: null }),
      ...(ema === undefined ? {} : { ema })
    });
  }

  /** The user zoomed or moved what is seen of this chart. */
  saw({ x, y }: Partial<Views>): void {
    if (x === null && y === null) {
      this._say({ isReset: true });
    } else if (x !== undefined) {
      this._say({ part: x === null ? null : { x: this._chart.now().seen, range: x } });
    }
  }

  dispose(): void {
    this._stop();
  }

  private _say(news: SharedNews): void {
    if (Object.keys(news).length > 0) {
      this._shared?.change(news, this);
    }
  }

  private _follow({ x, isLogX, ema, part, isReset }: SharedNews): void {
    const now = this._chart.now();
    const isOffered = [STEP, RELATIVE, WALL, ...now.stepMetrics].includes(x ?? '');
    const change: Partial<Choices> = {
      ...(typeof x === 'string' && isOffered && x !== now.x ? { x } : {}),
      ...(typeof isLogX === 'boolean' ? { isLogX } : {}),
      ...(typeof ema === 'number' ? { ema } : {})
    };
    if (Object.keys(change).length > 0) {
      this._chart.choose(change);
    }
    if (isReset === true) {
      this._chart.see({ x: null, y: null });
    } else if (part === null) {
      this._chart.see({ x: null });
    } else if (part?.x === this._chart.now().x) {
      this._chart.see({ x: part.range });
    }
  }

  private readonly _stop: () => void;
}
