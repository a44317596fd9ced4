/** When a chart asks for data and when it is drawn: at most so often, and only if it is seen. */

const ASK_EVERY_MS = 100;
/** All charts of a page together: what they show may need the machine for itself. */
const DRAWINGS_A_SECOND = 24;
const RECENT_MS = 2000;
const CHARTS_PER_FRAME = 3;

/** When each chart of the page asked last. */
const askedAt = new Map<Pace, number>();

/** How long a chart waits before it asks again: the longer, the more charts follow a run. */
function everyMs(): number {
  const since = Date.now() - RECENT_MS;
  const n = [...askedAt.values()].filter(at => at > since).length;
  return Math.max(ASK_EVERY_MS, Math.ceil((1000 * n) / DRAWINGS_A_SECOND));
}

/** Charts that are to be drawn; the browser's own part of a drawing comes after ours. */
const queue = new Set<() => void>();
let frame: number | null = null;

function enqueue(draw: () => void): void {
  queue.add(draw);
  frame ??= requestAnimationFrame(drawSome);
}

function dequeue(draw: () => void): void {
  queue.delete(draw);
  if (queue.size === 0 && frame !== null) {
    cancelAnimationFrame(frame);
    frame = null;
  }
}

function drawSome(): void {
  frame = null;
  const some = [...queue].slice(0, CHARTS_PER_FRAME);
  some.forEach(draw => queue.delete(draw));
  if (queue.size > 0) {
    frame = requestAnimationFrame(drawSome);
  }
  some.forEach(draw => draw());
}

/**
 * Puts many wishes to draw into one frame, and many news into at most ten questions a second, fewer
 * where many charts ask. Both wait while the chart is off the screen or its page is hidden.
 */
export class Pace {
  constructor(
    private readonly _node: HTMLElement,
    private readonly _ask: () => void,
    private readonly _draw: () => void
  ) {
    const { ownerDocument } = _node;
    ownerDocument.addEventListener('visibilitychange', this._resume);
    if (typeof IntersectionObserver !== 'undefined') {
      this._observer = new IntersectionObserver(entries => {
        this._isOnScreen = entries.at(-1)?.isIntersecting ?? true;
        this._resume();
      });
      this._observer.observe(_node);
    }
  }

  /** Whether nothing is done at the moment. */
  get isPaused(): boolean {
    return this._isDisposed || !this._isOnScreen || this._node.ownerDocument.hidden;
  }

  /** There is something new to ask for. */
  news(): void {
    this._hasNews = true;
    if (this.isPaused || this._timer !== null) {
      return;
    }
    // All charts of a page ask at the same moments, so that they can ask together.
    const every = everyMs();
    const wait = every - (Date.now() % every);
    const isFirst = Date.now() - (askedAt.get(this) ?? 0) >= every;
    this._timer = setTimeout(this._askNow, isFirst ? 0 : wait);
  }

  /** Something is to be drawn. */
  wish(): void {
    this._hasWish = true;
    if (!this.isPaused) {
      enqueue(this._drawNow);
    }
  }

  dispose(): void {
    this._isDisposed = true;
    askedAt.delete(this);
    this._observer?.disconnect();
    this._node.ownerDocument.removeEventListener('visibilitychange', this._resume);
    if (this._timer !== null) {
      clearTimeout(this._timer);
    }
    dequeue(this._drawNow);
  }

  private readonly _askNow = (): void => {
    this._timer = null;
    if (!this.isPaused && this._hasNews) {
      this._hasNews = false;
      askedAt.set(this, Date.now());
      this._ask();
    }
  };

  private readonly _drawNow = (): void => {
    if (!this.isPaused && this._hasWish) {
      this._hasWish = false;
      this._draw();
    }
  };

  private readonly _resume = (): void => {
    if (this.isPaused) {
      return;
    }
    if (this._hasNews) {
      this.news();
    }
    if (this._hasWish) {
      this.wish();
    }
  };

  private readonly _observer: IntersectionObserver | null = null;
  private _isDisposed = false;
  private _isOnScreen = true;
  private _hasNews = false;
  private _hasWish = false;
  private _timer: ReturnType<typeof setTimeout> | null = null;
}
