/** Which cells made the run: status, duration, rows, and the source when it is asked for. */
import type { CellInfo } from '../wire/types.js';
import { element, setText } from './elements.js';
import { duration, type Words } from './words.js';

interface Item {
  readonly node: HTMLDetailsElement;
  readonly facts: HTMLElement;
  readonly source: HTMLElement;
  cell: CellInfo;
}

/** The cells of a run in the order of their execution. */
export class Cells {
  readonly node = element('div', { class: 'nbt-page' });

  constructor(
    private readonly _words: Words,
    private readonly _onCell?: (execution: string) => void
  ) {
    this.node.append(this._list, this._more);
  }

  /** Shows these cells; opened ones stay open. */
  update(cells: readonly CellInfo[]): void {
    const known = new Set(cells.map(cell => cell.execution));
    for (const [execution, item] of this._items) {
      if (!known.has(execution)) {
        item.node.remove();
        this._items.delete(execution);
      }
    }
    for (const cell of cells) {
      const item = this._items.get(cell.execution) ?? this._make(cell);
      item.cell = cell;
      this._fill(item);
    }
    this.filter(this._text);
  }

  /** Shows only cells whose source, status or prompt has the text. */
  filter(text: string): void {
    this._text = text;
    const wanted = text.trim().toLowerCase();
    let n_shown = 0;
    for (const { node, cell } of this._items.values()) {
      const said = `[${cell.count ?? ''}] ${cell.status} ${cell.source ?? ''}`.toLowerCase();
      node.hidden = !said.includes(wanted);
      n_shown += Number(!node.hidden);
    }
    const empty = this._items.size === 0 ? this._words.__('No cells: this run was not recorded in a notebook.') : this._words.__('Nothing matches.');
    setText(this._more, n_shown > 0 ? '' : empty);
  }

  private _make(cell: CellInfo): Item {
    const facts = element('span', { class: 'nbt-cell-facts' });
    const source = element('pre', { class: 'nbt-source', tabindex: '0' });
    const node = element(
      'details',
      { class: 'nbt-cell', ontoggle: () => this._fill(item) },
      element('summary', {}, facts),
      this._goTo(cell),
      source
    );
    const item: Item = { node, facts, source, cell };
    this._items.set(cell.execution, item);
    this._list.append(node);
    return item;
  }

  private _goTo(cell: CellInfo): HTMLElement | null {
    const go = this._onCell;
    return go === undefined || cell.cell_id === null
      ? null
      : element(
          'button',
          { type: 'button', class: 'nbt-link', onclick: () => go(cell.execution) },
          this._words.__('Go to the cell')
        );
  }

  private _fill({ node, facts, source, cell }: Item): void {
    const ended_at = cell.ended_at ?? Date.now() / 1000;
    const parts = [
      `[${cell.count ?? ' '}]`,
      cell.status,
      duration(ended_at - cell.started_at),
      this._words._n('%1 row', '%1 rows', cell.n_rows),
      firstLine(cell.source)
    ];
    setText(facts, parts.filter(Boolean).join(' · '));
    node.dataset['status'] = cell.status;
    // A long notebook's sources are laid out only where somebody looks.
    if (node.open) {
      setText(source, this._sourceText(cell));
    }
  }

  private _sourceText(cell: CellInfo): string {
    const error = cell.error === null ? '' : `\n\n${cell.error}`;
    if (cell.forgotten) {
      return this._words.__('The source was forgotten on request.') + error;
    }
    return (cell.source ?? this._words.__('The source is not there.')) + error;
  }

  private readonly _items = new Map<string, Item>();
  private readonly _list = element('div');
  private readonly _more = element('p', { class: 'nbt-more' });
  private _text = '';
}

function firstLine(source: string | null): string {
  const line = source?.split('\n').find(text => text.trim() !== '') ?? '';
  return line.length > 80 ? `${line.slice(0, 80)} …` : line;
}
