/** What is chosen for all charts of a display at once: whether they are linked, and smoothing. */
import { Together } from '../charts/index.js';
import { placeOf, weightOf } from '../charts/slider.js';
import { element, setText } from './elements.js';
import type { Storage } from './options.js';
import type { Words } from './words.js';

/** A button that links the charts, and a slider that smooths them all. */
export class Linking {
  readonly node: HTMLElement;
  /** What the charts follow while they are linked. */
  readonly together: Together;

  constructor(
    private readonly _words: Words,
    storage: Storage
  ) {
    this.together = new Together(storage);
    this._button = element(
      'button',
      { type: 'button', class: 'nbt-toggle', title: _words.__('Zoom, x and smoothing are the same in all charts'), onclick: () => this._link() },
      _words.__('Link charts')
    );
    this._slider = element('input', {
      type: 'range', min: 0, max: 1, step: 0.01,
      title: _words.__('Smooth all charts; links them'),
      oninput: () => this._smooth()
    });
    const label = element('label', {}, _words.__('Smoothing of all'), this._slider, this._weight);
    this.node = element('div', { class: 'nbt-linking', role: 'group', 'aria-label': _words.__('All charts'), hidden: true }, this._button, label);
    this._stop = this.together.listen(this, () => this._show());
    this._show();
  }

  dispose(): void {
    this._stop();
  }

  private _link(): void {
    this.together.link(!this.together.isLinked);
    this._show();
  }

  /** Charts that are not linked would take no notice. */
  private _smooth(): void {
    const ema = weightOf(Number(this._slider.value));
    this.together.link(true);
    this.together.change({ ema }, this);
    this._show();
  }

  private _show(): void {
    const { isLinked, look } = this.together;
    const ema = look.ema ?? 0;
    this._button.setAttribute('aria-pressed', String(isLinked));
    const text = ema === 0 ? this._words.__('none') : String(Number(ema.toFixed(4)));
    setText(this._weight, text);
    this._slider.setAttribute('aria-valuetext', text);
    // Who drags it is not disturbed by a place that is nearly the same.
    if (weightOf(Number(this._slider.value)) !== ema) {
      this._slider.value = String(placeOf(ema));
    }
  }

  private readonly _button: HTMLButtonElement;
  private readonly _slider: HTMLInputElement;
  private readonly _weight = element('span', { class: 'nbt-weight' });
  private readonly _stop: () => void;
}
