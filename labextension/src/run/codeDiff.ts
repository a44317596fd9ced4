/** In which lines one file of two runs differs: asked for when it is opened. */
import type { CodeLine, CodeLines } from '../wire/types.js';
import { element, freshId, setText } from './elements.js';
import { reason } from './frame.js';
import type { Words } from './words.js';

/** More lines than this are drawn when they are asked for. */
const MAX_LINES = 400;
const MAX_TEXT = 1000;

/** A file, with a button that opens its lines. */
export class CodeDiff {
  readonly node: HTMLElement;

  constructor(
    private readonly _path: string,
    private readonly _words: Words,
    private readonly _ask: () => Promise<CodeLines>,
    private readonly _onOpen: (isOpen: boolean) => void
  ) {
    const id = freshId('lines');
    this._lines = element('div', { id, class: 'nbt-diff-place', hidden: true });
    const given = { type: 'button', class: 'nbt-opener', 'aria-controls': id, onclick: () => this._toggle() };
    this._button = element('button', given, element('span', { class: 'nbt-path' }, _path));
    this._button.setAttribute('aria-expanded', 'false');
    this._note = element('span', { class: 'nbt-more' });
    this.node = element('li', {}, this._button, this._note, this._lines);
  }

  /** Shows the lines. */
  open(): void {
    this._button.setAttribute('aria-expanded', 'true');
    this._lines.hidden = false;
    void this._look();
  }

  /** Says how the file differs. */
  note(text: string): void {
    setText(this._note, text);
  }

  private _toggle(): void {
    const isOpen = this._button.getAttribute('aria-expanded') === 'false';
    this._onOpen(isOpen);
    if (isOpen) {
      this.open();
    } else {
      this._button.setAttribute('aria-expanded', 'false');
      this._lines.hidden = true;
    }
  }

  private async _look(): Promise<void> {
    const said = element('p', { class: 'nbt-more', role: 'status' }, this._words.__('Reading …'));
    this._lines.replaceChildren(said);
    try {
      this._show(await this._ask());
    } catch (error) {
      const again = (): void => {
        this._button.focus();
        void this._look();
      };
      const retry = element('button', { type: 'button', class: 'nbt-button', onclick: again }, this._words.__('Try again'));
      const why = element('p', { class: 'nbt-said', role: 'alert' }, reason(error));
      this._lines.replaceChildren(why, retry);
    }
  }

  private _show({ lines, is_cut }: CodeLines): void {
    const label = this._words.__('Lines of %1 that differ', this._path);
    const text = element('pre', { class: 'nbt-diff', tabindex: 0, role: 'group', 'aria-label': label });
    const rest = element('p', { class: 'nbt-more' });
    let n = 0;
    const more = (): void => {
      text.append(...lines.slice(n, n + MAX_LINES).map(drawnLine));
      n += MAX_LINES;
      const n_left = Math.max(0, lines.length - n);
      next.hidden = n_left === 0;
      setText(next, n_left === 0 ? '' : this._words.__('Show more (%1 lines)', n_left));
      setText(rest, n_left === 0 && is_cut ? this._words.__('More differs than is told here: the file is too long.') : '');
    };
    const next = element('button', { type: 'button', class: 'nbt-button', onclick: more });
    more();
    const none = element('p', { class: 'nbt-more' }, this._words.__('No line differs.'));
    this._lines.replaceChildren(...(lines.length === 0 ? [none] : [text]), next, rest);
  }

  private readonly _button: HTMLButtonElement;
  private readonly _note: HTMLElement;
  private readonly _lines: HTMLElement;
}

/** A line with its sign, so that the colour is not all that tells. */
function drawnLine({ sign, text }: CodeLine): HTMLElement {
  const tag = sign === '+' ? 'ins' : sign === '-' ? 'del' : 'span';
  const said = sign === '@' ? `@@ ${text} @@` : `${sign}${text}`;
  return element(tag, { class: 'nbt-diff-line', 'data-sign': sign.trim() }, `${said.slice(0, MAX_TEXT + 6)}\n`);
}
