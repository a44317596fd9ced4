/** The files of the code that are not the same in several runs, and the lines in which two of them differ. */
import type { Difference } from '../wire/types.js';
import { type AskLines, CodeFiles, type Pair } from './codeFiles.js';
import { WHOLE } from './differences.js';
import { element } from './elements.js';
import type { Words } from './words.js';

/** More files than this are shown when they are asked for. */
const MAX_FILES = 400;

/** A line for each file that differs; of more than two runs, it is chosen which two are meant. */
export class CodePage {
  readonly node: HTMLElement;

  constructor(
    private readonly _words: Words,
    ask: AskLines
  ) {
    this._list = new CodeFiles(_words, ask);
    const choice = (): HTMLSelectElement => element('select', { onchange: () => this._choose() });
    [this._from, this._to] = [choice(), choice()];
    this._head = element(
      'div',
      { class: 'nbt-diff-head' },
      element('label', {}, _words.__('Lines of'), ' ', this._from),
      element('label', {}, _words.__('against'), ' ', this._to)
    );
    const onclick = (): void => {
      this._n_files += MAX_FILES;
      this._show();
    };
    this._next = element('button', { type: 'button', class: 'nbt-button', onclick });
    this.node = element('div', { class: 'nbt-page' }, this._head, this._list.node, this._next, this._more);
  }

  update(names: readonly string[], differences: readonly Difference[]): void {
    const key = JSON.stringify([names, differences]);
    if (key !== this._key) {
      this._key = key;
      [this._names, this._differences] = [names, differences];
      this._offer();
      this._show();
    }
  }

  filter(text: string): void {
    const wanted = text.trim().toLowerCase();
    if (wanted !== this._text) {
      [this._text, this._n_files] = [wanted, MAX_FILES];
      this._show();
    }
  }

  /** Offers the runs; which two are meant stays chosen. */
  private _offer(): void {
    const [a, b] = this._pair;
    for (const choice of [this._from, this._to]) {
      choice.replaceChildren(...this._names.map((name, i) => element('option', { value: i }, name.slice(0, 100))));
    }
    const isThere = a < this._names.length && b < this._names.length;
    this._pair = isThere ? [a, b] : [0, 1];
    [this._from.value, this._to.value] = this._pair.map(String) as [string, string];
    this._head.hidden = this._names.length < 3;
  }

  private _choose(): void {
    this._pair = [Number(this._from.value), Number(this._to.value)];
    this._show();
  }

  private _show(): void {
    const files = this._differences.filter(({ key }) => key !== WHOLE);
    const found = files.filter(({ key }) => key.toLowerCase().includes(this._text));
    this._list.show(files, new Set(found.slice(0, this._n_files)), this._pair, this._names);
    this._next.hidden = found.length <= this._n_files;
    this._next.textContent = this._words.__('Show more (%1 files)', found.length - this._n_files);
    this._more.textContent = found.length > 0 ? '' : this._remark(files.length);
  }

  private _remark(n_files: number): string {
    if (n_files > 0) {
      return this._words.__('Nothing matches.');
    }
    return this._differences.length > 0
      ? this._words.__('The code differs in no file that was kept of all of them.')
      : this._words.__('No difference.');
  }

  private readonly _from: HTMLSelectElement;
  private readonly _to: HTMLSelectElement;
  private readonly _head: HTMLElement;
  private readonly _next: HTMLButtonElement;
  private readonly _list: CodeFiles;
  private readonly _more = element('p', { class: 'nbt-more' });
  private _pair: Pair = [0, 1];
  private _names: readonly string[] = [];
  private _differences: readonly Difference[] = [];
  private _text = '';
  private _key = '';
  private _n_files = MAX_FILES;
}
