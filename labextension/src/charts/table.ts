/** The data of a chart as a table: a page at a time, made when somebody opens it. */

import { COLUMNS, type DataRow } from './csv.js';
import { formatCount, formatNumber } from './format.js';
import { make } from './nodes.js';

type Text = (text: string) => string;

export const PAGE = 100;
const MAX_ROWS = 100_000;

/** A table of what is in view. */
export class Table {
  readonly node = make('div', { class: 'nbt-chart-table', role: 'region', tabindex: '0', hidden: '' });

  constructor(private readonly _rows: () => Iterable<DataRow>, private readonly _text: Text) {
    this.node.setAttribute('aria-label', _text('Data of the chart'));
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  /** Open or close it. */
  toggle(): void {
    this.node.hidden = !this.node.hidden;
    this._page = 0;
    if (this.isOpen) {
      this._fill();
    } else {
      this.node.replaceChildren();
    }
  }

  /** Fill it again if another part of the data is seen than before. */
  update(seen: string): void {
    if (seen !== this._seen && this.isOpen) {
      this._page = 0;
      this._fill();
    }
    this._seen = seen;
  }

  private _fill(): void {
    const shown: DataRow[] = [];
    const from = this._page * PAGE;
    let n = 0;
    for (const row of this._rows()) {
      if (n >= from && n < from + PAGE) {
        shown.push(row);
      }
      n += 1;
      if (n >= MAX_ROWS) {
        break;
      }
    }
    const head = COLUMNS.map(name => make('th', { scope: 'col' }, this._text(name)));
    const body = shown.map(([label, ...values]) =>
      make('tr', {}, make('td', {}, label), ...values.map(value => make('td', {}, cell(value))))
    );
    this.node.replaceChildren(
      this._pages(n),
      make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body))
    );
  }

  private _pages(n: number): HTMLElement {
    const last = Math.max(0, Math.ceil(n / PAGE) - 1);
    const turn = (name: string, by: number): HTMLButtonElement => {
      const button = make('button', { type: 'button' }, this._text(name));
      button.disabled = this._page + by < 0 || this._page + by > last;
      button.onclick = () => {
        this._page += by;
        this._fill();
        this.node.focus();
      };
      return button;
    };
    const from = n === 0 ? 0 : this._page * PAGE + 1;
    const to = Math.min(n, (this._page + 1) * PAGE);
    const where = `${formatCount(from)} – ${formatCount(to)} / ${formatCount(n)}`;
    return make('div', { class: 'nbt-chart-pages' }, turn('Previous', -1), turn('Next', 1), make('span', {}, where));
  }

  private _page = 0;
  private _seen = '';
}

function cell(value: number): string {
  return Number.isNaN(value) ? '' : formatNumber(value, 7);
}
