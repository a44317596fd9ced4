/** The colours that curves have in a comparison, on the ground that there is now. */
import { lineColor, themeOf, watchTheme, type Theme } from '../charts/theme.js';

/** Knows the theme of a node, and tells when it is another one. */
export class CurveColors {
  constructor(
    private readonly _node: Element,
    onChange: () => void
  ) {
    this.dispose = watchTheme(_node, () => {
      this._theme = null;
      onChange();
    });
  }

  /** The colour of the i-th curve; null where the system shows few colours, and all are alike. */
  of(index: number): string | null {
    this._theme ??= themeOf(this._node);
    return this._theme.isForced ? null : lineColor(this._theme, index);
  }

  readonly dispose: () => void;
  private _theme: Theme | null = null;
}
