/** Where the filter is written: a combobox that says what may come next. */
import { element, freshId, setText } from '../run/elements.js';
import type { Words } from '../run/words.js';
import type { Fields } from '../wire/types.js';
import { complete, corrections, type Completion } from './completion.js';
import { isUnfinished } from './unfinished.js';

const PAUSE_MS = 60;

/** The box, its completions, and what is wrong with what stands in it. */
export class FilterBox {
  readonly node: HTMLElement;

  constructor(
    words: Words,
    private readonly _fields: () => Promise<Fields>,
    private readonly _onFilter: (text: string) => void
  ) {
    const [optionsId, saidId] = [freshId('options'), freshId('said')];
    this._input = element('input', {
      class: 'nbt-filter',
      type: 'text',
      role: 'combobox',
      'aria-label': words.__('Filter the runs'),
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': optionsId,
      'aria-describedby': saidId,
      placeholder: words.__('Filter, e.g. config.lr<0.1'),
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => this._typed(),
      onblur: () => this._left()
    });
    this._options = element('ul', {
      class: 'nbt-options',
      role: 'listbox',
      id: optionsId,
      'aria-label': words.__('What may come next'),
      hidden: true
    });
    this._said = element('p', { class: 'nbt-filter-said', id: saidId, role: 'alert', hidden: true });
    this._input.addEventListener('keydown', event => this._key(event));
    this._meant = element('div', {
      class: 'nbt-filter-meant',
      role: 'group',
      'aria-label': words.__('What may have been meant'),
      hidden: true
    });
    this.node = element('div', { class: 'nbt-filter-box' }, this._input, this._options, this._said, this._meant);
  }

  get text(): string {
    return this._input.value;
  }

  /** Writes a filter, without telling anybody. */
  set text(text: string) {
    this._input.value = text;
    this._isPending = false;
  }

  /** Says what is wrong with the filter; an empty text says that nothing is. */
  say(text: string): void {
    this._said.hidden = text === '';
    setText(this._said, text);
    this._input.setAttribute('aria-invalid', String(text !== ''));
    const key = text && `${text}\n${this._input.value}`;
    if (key !== this._saidOf) {
      this._saidOf = key;
      void this._suggest(text !== '');
    }
  }

  focus(): void {
    this._input.focus();
    this._input.select();
  }

  dispose(): void {
    this._isPending = false;
    clearTimeout(this._pause);
  }

  private _typed(): void {
    clearTimeout(this._pause);
    this._isPending = true;
    if (!isUnfinished(this._input.value)) {
      this._pause = setTimeout(() => this._tell(), PAUSE_MS);
    }
    void this._offer();
  }

  /** Whoever goes on to something else means what stands there, finished or not. */
  private _left(): void {
    this._close();
    if (this._isPending) {
      this._tell();
    }
  }

  private _tell(): void {
    clearTimeout(this._pause);
    this._isPending = false;
    this._onFilter(this._input.value.trim());
  }

  private async _offer(): Promise<void> {
    const { value } = this._input;
    const fields = await this._fields().catch(() => null);
    if (fields === null || value !== this._input.value || document.activeElement !== this._input) {
      return;
    }
    const caret = this._input.selectionStart ?? value.length;
    this._offered = complete(value, caret, fields);
    this._at = -1;
    this._options.replaceChildren(
      ...this._offered.map(offered =>
        element(
          'li',
          {
            role: 'option',
            id: freshId('option'),
            'aria-selected': 'false',
            onmousedown: event => {
              event.preventDefault();
              this._take(offered);
            }
          },
          offered.text
        )
      )
    );
    this._options.scrollTop = 0;
    this._expand(this._offered.length > 0);
  }

  /** Offers what may have been meant by what was refused. */
  private async _suggest(isRefused: boolean): Promise<void> {
    const { value } = this._input;
    const fields = isRefused ? await this._fields().catch(() => null) : null;
    const meant = fields === null ? [] : corrections(value, fields);
    if (value === this._input.value) {
      const buttons = meant.map(one =>
        element('button', { type: 'button', class: 'nbt-button', onclick: () => this._correct(one) }, one.text)
      );
      this._meant.replaceChildren(...buttons);
      this._meant.hidden = buttons.length === 0;
    }
  }

  private _correct(meant: Completion): void {
    this._take(meant);
    this._input.focus();
  }

  private _expand(isOpen: boolean): void {
    this._options.hidden = !isOpen;
    this._input.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) {
      this._input.removeAttribute('aria-activedescendant');
      this._at = -1;
    }
  }

  private _close(): void {
    this._expand(false);
  }

  private _key(event: KeyboardEvent): void {
    const isOpen = !this._options.hidden;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        if (isOpen) {
          this._move(event.key === 'ArrowDown' ? 1 : -1);
        } else {
          void this._offer();
        }
        break;
      case 'Enter':
      case 'Tab': {
        const offered = isOpen ? this._offered[this._at] : undefined;
        if (offered !== undefined) {
          this._take(offered);
          break;
        }
        this._close();
        if (event.key === 'Tab') {
          return;
        }
        this._tell();
        break;
      }
      case 'Escape':
        if (isOpen) {
          this._close();
        } else {
          this._input.value = '';
          this._tell();
        }
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _move(by: number): void {
    const n = this._offered.length;
    this._at = this._at < 0 ? (by > 0 ? 0 : n - 1) : (this._at + by + n) % n;
    [...this._options.children].forEach((option, index) => {
      option.setAttribute('aria-selected', String(index === this._at));
      if (index === this._at) {
        this._input.setAttribute('aria-activedescendant', option.id);
        option.scrollIntoView({ block: 'nearest' });
      }
    });
  }

  private _take({ text, from, to }: Completion): void {
    const { value } = this._input;
    this._input.value = value.slice(0, from) + text + value.slice(to);
    const caret = from + text.length;
    this._input.setSelectionRange(caret, caret);
    this._close();
    this._tell();
  }

  private readonly _input: HTMLInputElement;
  private readonly _options: HTMLElement;
  private readonly _said: HTMLElement;
  private readonly _meant: HTMLElement;
  private _offered: readonly Completion[] = [];
  private _at = -1;
  /** Of which filter something was said, and what. */
  private _saidOf = '';
  private _isPending = false;
  private _pause: ReturnType<typeof setTimeout> | undefined;
}
