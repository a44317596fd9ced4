/** A strip at the lower edge of what is scrolled, while there is more below it. */
import { element } from './elements.js';
import type { Words } from './words.js';

/** Units: CSS pixels. */
const LEAST = 24;

/** Says that there is more, and goes there. */
export class Below {
  readonly node: HTMLElement;

  /**
   * @param _page What is scrolled.
   * @param _content What is in it: whenever that grows, it is looked at again.
   */
  constructor(
    words: Words,
    private readonly _page: () => HTMLElement | null,
    private readonly _content: HTMLElement
  ) {
    // By keyboard the page itself is scrolled.
    const given = { type: 'button', class: 'nbt-below', tabindex: -1, onclick: () => this._go() };
    this._button = element('button', given, words.__('More below'), ' ↓');
    this.node = element('div', { class: 'nbt-below-place', 'aria-hidden': 'true', hidden: true }, this._button);
    this._resized = new ResizeObserver(() => this.look());
    this._resized.observe(this._content);
  }

  /** Looks whether there is more. */
  look(): void {
    const page = this._page();
    if (page !== this._watched) {
      this._stop();
      this._watched = page;
      page?.addEventListener('scroll', this._look, { passive: true });
      if (page !== null) {
        this._resized.observe(page);
      }
    }
    const left = page === null ? 0 : page.scrollHeight - page.clientHeight - page.scrollTop;
    this.node.hidden = left < LEAST;
  }

  dispose(): void {
    this._resized.disconnect();
    this._stop();
  }

  private _go(): void {
    const page = this._page();
    page?.scrollBy({ top: page.clientHeight - 2 * LEAST, behavior: 'auto' });
  }

  private _stop(): void {
    this._watched?.removeEventListener('scroll', this._look);
  }

  private readonly _look = (): void => this.look();
  private readonly _button: HTMLButtonElement;
  private readonly _resized: ResizeObserver;
  private _watched: HTMLElement | null = null;
}
