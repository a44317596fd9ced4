/** How the list is shown: grouping, order, columns, curve, archived runs, store. */
import { element, freshId } from '../run/elements.js';
import type { Words } from '../run/words.js';
import type { Fields, StoreInfo } from '../wire/types.js';
import { GROUPINGS, type Choices, type Grouping } from './choices.js';
import { COLUMN_KEYS, columnOf, NAME_ORDER, readOrder } from './columns.js';
import { OFFERED } from './offered.js';
import { directionsOf, type IsText } from './sorting.js';

const MAX_OFFERED = 500;

/** A box of choices that is folded away until it is asked for. */
export class ViewBox {
  readonly node = element('div', { class: 'nbt-view', id: freshId('view'), role: 'group', hidden: true });
  readonly button: HTMLButtonElement;

  constructor(
    private readonly _words: Words,
    private readonly _onChoose: (choices: Partial<Choices>) => void,
    private readonly _onOpen: () => void,
    private readonly _isText: IsText
  ) {
    this.node.setAttribute('aria-label', _words.__('How runs are shown'));
    this.button = element(
      'button',
      {
        type: 'button',
        class: 'nbt-button',
        'aria-expanded': 'false',
        'aria-controls': this.node.id,
        onclick: () => this.toggle()
      },
      _words.__('View')
    );
    this.node.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this.toggle();
        this.button.focus();
      }
    });
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  toggle(): void {
    this.node.hidden = !this.node.hidden;
    this.button.setAttribute('aria-expanded', String(this.isOpen));
    if (this.isOpen) {
      this._onOpen();
    }
  }

  /** Shows what is chosen, and what there is to choose from. */
  update(choices: Choices, metrics: readonly string[], fields: Fields, stores: readonly StoreInfo[]): void {
    const key = JSON.stringify([choices, metrics, fields, stores.map(one => one.id), this._isText(readOrder(choices.order).field)]);
    if (this.isOpen && key !== this._key) {
      this._key = key;
      const focused = [...this.node.querySelectorAll<HTMLElement>('[data-key]')].find(
        one => one === document.activeElement
      )?.dataset['key'];
      this.node.replaceChildren(
        ...(stores.length > 1 ? [this._stores(choices, stores)] : []),
        this._grouping(choices),
        this._order(choices, metrics),
        this._metric(choices, fields),
        this._check('archived', this._words.__('Archived runs, too'), choices.archived, archived =>
          this._onChoose({ archived })
        ),
        this._columns(choices, metrics, fields)
      );
      [...this.node.querySelectorAll<HTMLElement>('[data-key]')]
        .find(one => one.dataset['key'] === focused)
        ?.focus();
    }
  }

  private _stores({ store }: Choices, stores: readonly StoreInfo[]): HTMLElement {
    const chosen = stores.find(one => one.id === store || (store === 'default' && one.is_default));
    const options = stores.map(one => [one.id, `${one.path} (${one.n_runs})`] as const);
    return this._select('store', this._words.__('Store'), options, chosen?.id ?? store, id =>
      this._onChoose({ store: stores.find(one => one.id === id)?.is_default ? 'default' : id })
    );
  }

  private _grouping({ group }: Choices): HTMLElement {
    const names: Record<Grouping, string> = {
      project: this._words.__('project'),
      notebook: this._words.__('notebook'),
      group: this._words.__('group'),
      none: this._words.__('nothing')
    };
    const options = GROUPINGS.map(one => [one, names[one]] as const);
    return this._select('group', this._words.__('Group by'), options, group, chosen =>
      this._onChoose({ group: chosen as Grouping })
    );
  }

  private _order({ order, columns }: Choices, metrics: readonly string[]): HTMLElement {
    const { field, falls } = readOrder(order);
    const found = new Map([[NAME_ORDER, this._words.__('Run')]]);
    for (const key of [...COLUMN_KEYS, ...columns]) {
      const column = columnOf(key, metrics, this._words);
      if (column?.order != null) {
        found.set(column.order, column.label);
      }
    }
    found.set(field, found.get(field) ?? field);
    const directions = Object.entries(directionsOf(field, this._words, this._isText));
    return element(
      'div',
      {},
      this._select('order', this._words.__('Sort by'), [...found], field, chosen =>
        this._onChoose({ order: `${falls ? '-' : '+'}${chosen}` })
      ),
      this._select('direction', this._words.__('Direction'), directions, falls ? 'falls' : 'rises', chosen =>
        this._onChoose({ order: `${chosen === 'falls' ? '-' : '+'}${field}` })
      )
    );
  }

  private _metric({ metric }: Choices, fields: Fields): HTMLElement {
    const names = [...new Set([...(metric === '' ? [] : [metric]), ...fields.metrics.slice(0, MAX_OFFERED)])];
    const options = [['', this._words.__('the first of each run')] as const, ...names.map(name => [name, name] as const)];
    return this._select('metric', this._words.__('Curve of'), options, metric, chosen =>
      this._onChoose({ metric: chosen })
    );
  }

  private _columns({ columns }: Choices, metrics: readonly string[], fields: Fields): HTMLElement {
    const own = [...new Set<string>([OFFERED, ...COLUMN_KEYS, ...columns])];
    const labels = new Map<string, string>([
      [OFFERED, this._words.__('Config in which runs differ')],
      ['value', this._words.__('Value of the curve')],
      ['left', this._words.__('Time left')]
    ]);
    const checks = own.map(key => {
      const label = labels.get(key) ?? columnOf(key, metrics, this._words)?.label;
      return this._check(`column ${key}`, label ?? key, columns.includes(key), isShown =>
        this._onChoose({ columns: isShown ? [...columns, key] : columns.filter(one => one !== key) })
      );
    });
    return element(
      'fieldset',
      {},
      element('legend', {}, this._words.__('Columns')),
      ...checks,
      this._more(columns, fields),
      element('p', { class: 'nbt-hint' }, this._words.__('In a narrow panel some columns have no room; the tooltip of a name says them anyway.'))
    );
  }

  private _more(columns: readonly string[], fields: Fields): HTMLElement {
    const names = [...fields.config.map(name => `config.${name}`), ...fields.summary.map(name => `summary.${name}`)];
    const [id, listId] = [freshId('choice'), freshId('names')];
    const input = element('input', {
      type: 'text',
      id,
      list: listId,
      'data-key': 'more',
      placeholder: this._words.__('config.lr'),
      onchange: () => {
        if (names.includes(input.value) && !columns.includes(input.value)) {
          this._onChoose({ columns: [...columns, input.value] });
        }
      }
    });
    const options = names.filter(name => !columns.includes(name)).slice(0, MAX_OFFERED);
    return element(
      'div',
      { class: 'nbt-view-field' },
      element('label', { for: id }, this._words.__('Another column')),
      input,
      element('datalist', { id: listId }, ...options.map(name => element('option', { value: name })))
    );
  }

  private _select(
    key: string,
    label: string,
    options: readonly (readonly [string, string])[],
    chosen: string,
    onChoose: (value: string) => void
  ): HTMLElement {
    const id = freshId('choice');
    const select = element(
      'select',
      { id, 'data-key': key, onchange: () => onChoose(select.value) },
      ...options.map(([value, text]) => element('option', { value, selected: value === chosen }, text))
    );
    return element('div', { class: 'nbt-view-field' }, element('label', { for: id }, label), select);
  }

  private _check(key: string, label: string, isOn: boolean, onChoose: (isOn: boolean) => void): HTMLElement {
    const input = element('input', {
      type: 'checkbox',
      'data-key': key,
      checked: isOn,
      onchange: () => onChoose(input.checked)
    });
    return element('label', { class: 'nbt-view-check' }, input, element('span', {}, label));
  }

  private _key = '';
}
