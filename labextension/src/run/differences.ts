/** Tables of what is not the same in several runs. */
import type { Difference } from '../wire/types.js';
import { element } from './elements.js';
import { spelled } from './spelling.js';
import { valueText, type Words } from './words.js';

/** The key of the code as a whole, which is no file. */
export const WHOLE = '';
const MAX_TEXT = 4000;
/** More rows than this are shown when they are asked for. */
const MAX_ROWS = 400;

/** A table of what is not the same: a row for each key, a column for each run. */
export class Differences {
  readonly node = element('div', { class: 'nbt-page' });

  constructor(
    private readonly _caption: string,
    private readonly _words: Words,
    /** Whether keys are names of the journal; a backslash in the path of a file is one. */
    private readonly _areNames: boolean
  ) {}

  update(names: readonly string[], differences: readonly Difference[]): void {
    const key = JSON.stringify([names, differences]);
    if (key !== this._key) {
      this._key = key;
      [this._names, this._differences] = [names, differences];
      this._spell = spelled(this._areNames ? differences.map(one => one.key) : []);
      this._show();
    }
  }

  filter(text: string): void {
    const wanted = text.trim().toLowerCase();
    if (wanted !== this._text) {
      [this._text, this._n_rows] = [wanted, MAX_ROWS];
      this._show();
    }
  }

  private _show(): void {
    const found = this._differences.filter(({ key }) => `${key} ${this._called(key)}`.toLowerCase().includes(this._text));
    if (found.length === 0) {
      const none = this._differences.length === 0 ? this._words.__('No difference.') : this._words.__('Nothing matches.');
      this.node.replaceChildren(element('p', { class: 'nbt-more' }, none));
      return;
    }
    const heads = [this._words.__('Key'), ...this._names];
    const body = element('tbody', {}, ...found.slice(0, this._n_rows).map(difference => this._row(difference)));
    const table = element(
      'table',
      { class: 'nbt-facts nbt-differences' },
      element('caption', { class: 'nbt-unseen' }, this._caption),
      element('thead', {}, element('tr', {}, ...heads.map(text => element('th', { scope: 'col' }, text)))),
      body
    );
    this.node.replaceChildren(table, ...this._next(found, body));
  }

  /** A button for the rows that are not there yet; the focus stays at it. */
  private _next(found: readonly Difference[], body: HTMLElement): HTMLElement[] {
    const said = (): string => this._words.__('Show more (%1 rows)', found.length - this._n_rows);
    const onclick = (): void => {
      const rows = found.slice(this._n_rows, this._n_rows + MAX_ROWS);
      this._n_rows += MAX_ROWS;
      body.append(...rows.map(difference => this._row(difference)));
      button.textContent = said();
      button.hidden = found.length <= this._n_rows;
    };
    const button = element('button', { type: 'button', class: 'nbt-button', onclick }, said());
    return found.length > this._n_rows ? [button] : [];
  }

  private _row({ key, values, has }: Difference): HTMLElement {
    const cells = values.map((value, index) => {
      const text = has[index] === false ? '–' : valueText(value);
      return element('td', {}, element('span', { class: 'nbt-value' }, text.slice(0, MAX_TEXT)));
    });
    return element('tr', {}, element('th', { scope: 'row' }, this._called(key)), ...cells);
  }

  private _called(key: string): string {
    return key === WHOLE && !this._areNames ? this._words.__('all of it') : this._spell(key);
  }

  private _names: readonly string[] = [];
  private _differences: readonly Difference[] = [];
  private _spell = spelled([]);
  private _text = '';
  private _key = '';
  private _n_rows = MAX_ROWS;
}
