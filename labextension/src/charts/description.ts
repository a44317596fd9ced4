/** What a chart shows in words, for those who hear it. */

import { make, newId, say } from './nodes.js';

const EVERY_MS = 5000;

/** A text that changes not so often that nobody can listen. */
export class Description {
  readonly node = make('p', { class: 'nbt-chart-quiet', 'aria-live': 'polite', id: newId() });

  constructor(private readonly _text: () => string) {}

  /** The text may be another one by now; while there is none, the first is not kept waiting. */
  update(): void {
    const wait = this._saidAt + EVERY_MS - Date.now();
    clearTimeout(this._timer);
    if (wait <= 0) {
      const text = this._text();
      this._saidAt = text === '' ? 0 : Date.now();
      say(this.node, text);
    } else {
      this._timer = setTimeout(() => this.update(), wait);
    }
  }

  dispose(): void {
    clearTimeout(this._timer);
  }

  private _saidAt = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
