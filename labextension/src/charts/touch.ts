/** Fingers on a plot: one moves what is zoomed, two zoom, a tap points. */

/** What fingers do. Shares are of the width and of the height, places from 0 to 1. */
export interface TouchClient {
  /** Units: pixels of the plot. */
  tapped(left: number, top: number): void;
  /** What was tapped is not pointed at any more. */
  left(): void;
  dragged(x: number, y: number): void;
  zoomed(factor: number, around: number): void;
}

interface Finger {
  x: number;
  y: number;
}

/** A finger that moves less taps. Units: pixels. */
const SLOP = 8;

/** Follows fingers by pointer events alone; the browser takes those away with which it scrolls. */
export class Touch {
  constructor(private readonly _node: HTMLElement, private readonly _client: TouchClient) {
    this._allow(false, false);
    this._listeners.forEach(([name, listener]) => _node.addEventListener(name, listener));
  }

  /** The last thing that touched the plot was a finger. */
  isLast = false;

  /** Say which axes are zoomed: along the others a finger scrolls the page. */
  allow(isX: boolean, isY: boolean): void {
    if (`${isX} ${isY}` !== this._allowed) {
      this._allow(isX, isY);
    }
  }

  dispose(): void {
    this._stay();
    this._listeners.forEach(([name, listener]) => this._node.removeEventListener(name, listener));
  }

  private _allow(isX: boolean, isY: boolean): void {
    this._allowed = `${isX} ${isY}`;
    const scrolls = [...(isX ? [] : ['pan-x']), ...(isY ? [] : ['pan-y'])];
    this._node.style.touchAction = scrolls.join(' ') || 'none';
  }

  private readonly _down = (event: PointerEvent): void => {
    this.isLast = event.pointerType === 'touch';
    if (this.isLast && this._fingers.size < 2) {
      this._fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      this._start = this._fingers.size === 1 ? { x: event.clientX, y: event.clientY } : null;
    }
  };

  private readonly _move = (event: PointerEvent): void => {
    const before = this._fingers.get(event.pointerId);
    if (before === undefined) {
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    const { _start: start } = this;
    if (start !== null && Math.hypot(now.x - start.x, now.y - start.y) < SLOP) {
      return;
    }
    if (start !== null || this._isPointing) {
      this._leave();
    }
    this._start = null;
    const old = [...this._fingers.values()];
    this._fingers.set(event.pointerId, now);
    this._follow(old, [...this._fingers.values()]);
  };

  private _follow(old: readonly Finger[], now: readonly Finger[]): void {
    const { left, width, height } = this._node.getBoundingClientRect();
    const [from, to] = [middle(old), middle(now)];
    if (!(width > 0 && height > 0)) {
      return;
    }
    const factor = spread(old) / spread(now);
    if (now.length === 2 && Number.isFinite(factor) && factor > 0) {
      this._client.zoomed(factor, (to.x - left) / width);
    }
    this._client.dragged((from.x - to.x) / width, (to.y - from.y) / height);
  }

  private readonly _up = (event: PointerEvent): void => {
    if (this._fingers.delete(event.pointerId) && this._start !== null) {
      const { left, top } = this._node.getBoundingClientRect();
      this._client.tapped(this._start.x - left, this._start.y - top);
      this._stay();
      this._isPointing = true;
      this._node.ownerDocument.addEventListener('pointerdown', this._elsewhere, true);
    }
    this._start = null;
  };

  private readonly _cancel = (event: PointerEvent): void => {
    this._fingers.delete(event.pointerId);
    this._start = null;
  };

  private readonly _elsewhere = (event: Event): void => {
    if (!event.composedPath().includes(this._node)) {
      this._leave();
    }
  };

  private _leave(): void {
    this._stay();
    this._client.left();
  }

  private _stay(): void {
    this._isPointing = false;
    this._node.ownerDocument.removeEventListener('pointerdown', this._elsewhere, true);
  }

  private readonly _listeners = [
    ['pointerdown', this._down],
    ['pointermove', this._move],
    ['pointerup', this._up],
    ['pointercancel', this._cancel]
  ] as const;
  private readonly _fingers = new Map<number, Finger>();
  /** Where a finger went down that may still tap. */
  private _start: Finger | null = null;
  private _isPointing = false;
  private _allowed = '';
}

function middle(fingers: readonly Finger[]): Finger {
  const [one = { x: 0, y: 0 }, other = one] = fingers;
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

function spread(fingers: readonly Finger[]): number {
  const [one = { x: 0, y: 0 }, other = one] = fingers;
  return Math.hypot(one.x - other.x, one.y - other.y);
}
