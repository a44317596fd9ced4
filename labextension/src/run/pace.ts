/** Does something when asked, but not more often than its time, and never twice at once. */
export class Pace {
  constructor(
    private readonly _every_ms: number,
    private readonly _work: () => Promise<void>
  ) {}

  /** Have it done soon; many askings before it begins are one. */
  ask(): void {
    if (this._isOver || this._timer !== undefined) {
      return;
    }
    if (this._isAtWork) {
      this._isAskedAgain = true;
      return;
    }
    const wait_ms = Math.max(0, this._next_ms - performance.now());
    this._timer = setTimeout(() => void this._do(), wait_ms);
  }

  dispose(): void {
    this._isOver = true;
    clearTimeout(this._timer);
  }

  private async _do(): Promise<void> {
    this._timer = undefined;
    this._isAtWork = true;
    this._next_ms = performance.now() + this._every_ms;
    try {
      await this._work();
    } finally {
      this._isAtWork = false;
      if (this._isAskedAgain) {
        this._isAskedAgain = false;
        this.ask();
      }
    }
  }

  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _next_ms = 0;
  private _isAtWork = false;
  private _isAskedAgain = false;
  private _isOver = false;
}
