/** The head of the list: what stands in the columns, and buttons that sort by it. */
import { element } from '../run/elements.js';
import type { Words } from '../run/words.js';
import { NAME_ORDER, readOrder, type Column } from './columns.js';
import { directionsOf, type IsText, orderText, orderWhenPressed } from './sorting.js';

/** One row of column heads. */
export class Head {
  readonly node = element('div', { role: 'row', class: 'nbt-head', 'aria-rowindex': '1' });

  constructor(
    private readonly _words: Words,
    private readonly _onOrder: (order: string) => void,
    private readonly _isText: IsText
  ) {}

  update(columns: readonly Column[], order: string): void {
    const key = JSON.stringify([columns.map(column => [column.key, column.label, column.order, this._isText(column.order ?? '')]), order]);
    if (key !== this._key) {
      this._key = key;
      const name = { label: this._words.__('Run'), order: NAME_ORDER, isNumeric: false };
      this.node.replaceChildren(
        this._cell(name, order, 'nbt-row-name'),
        ...columns.map(column =>
          this._cell(column, order, column.isNumeric ? 'nbt-row-cell nbt-number' : 'nbt-row-cell', column.key)
        )
      );
    }
  }

  private _cell(
    column: Pick<Column, 'label' | 'fullLabel' | 'order'>,
    order: string,
    kind: string,
    key: string | null = null
  ): HTMLElement {
    const { field, falls } = readOrder(order);
    const title = column.fullLabel ?? column.label;
    const isSorted = column.order === field;
    const sort = isSorted ? (falls ? 'descending' : 'ascending') : column.order === null ? null : 'none';
    const inside =
      column.order === null
        ? element('span', { class: 'nbt-row-text' }, column.label)
        : element(
            'button',
            {
              type: 'button',
              // Tab goes from the filter to the rows; the view options sort by key, too.
              tabindex: '-1',
              title: this._sortText(column.order, title, order),
              onclick: () => this._onOrder(orderWhenPressed(column.order ?? '', order, this._isText))
            },
            element('span', { class: 'nbt-row-text' }, column.label)
          );
    const given = { role: 'columnheader', class: kind, 'data-column': key, 'aria-sort': sort, title };
    return element('div', given, inside);
  }

  /** How runs are sorted now, if it is by this, and what a press changes. */
  private _sortText(field: string, label: string, order: string): string {
    const directions = directionsOf(field, this._words, this._isText);
    const next = readOrder(orderWhenPressed(field, order, this._isText)).falls ? directions.falls : directions.rises;
    return readOrder(order).field === field
      ? this._words.__('Sorted: %1. Press for: %2', orderText(order, this._words, this._isText), next)
      : this._words.__('Sort by %1, %2', label, next);
  }

  private _key = '';
}
