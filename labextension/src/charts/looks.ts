/** The colours and fonts of a chart, as long as it stands somewhere. */

import { wearStyle } from './style.js';
import { type Theme, themeOf, watchTheme } from './theme.js';

/** To read the theme, a browser works out all styles anew. */
const READ_EVERY_MS = 1000;

/** Follows the theme of the surroundings, and puts the style sheet where the chart stands. */
export class Looks {
  /** Before `wear`, the chart stands nowhere: its theme is that of the host. */
  constructor(private readonly _element: HTMLElement, host: HTMLElement, private readonly _changed: () => void) {
    this.theme = themeOf(host);
  }

  theme: Theme;

  /** The element stands in a tree now, maybe in another one than before. */
  wear(): void {
    const takeOff = wearStyle(this._element);
    this._takeOff();
    this._takeOff = takeOff;
    this._stop ??= watchTheme(this._element, () => this.wish());
  }

  /** The theme may have changed. */
  wish(): void {
    this._readAt = -Infinity;
    this._changed();
  }

  /** Read the theme again if that was long ago. */
  read(): void {
    const now = performance.now();
    if (now - this._readAt >= READ_EVERY_MS) {
      this._readAt = now;
      this.theme = themeOf(this._element);
    }
  }

  dispose(): void {
    this._stop?.();
    this._takeOff();
  }

  private _readAt = -Infinity;
  private _stop: (() => void) | undefined;
  private _takeOff: () => void = () => undefined;
}
