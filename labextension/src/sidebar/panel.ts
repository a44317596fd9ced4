/** The panel of runs: filter, view, list. Knows the screen and the server's words, no Jupyter. */
import { element, setText } from '../run/elements.js';
import { reason } from '../run/index.js';
import type { Words } from '../run/words.js';
import type { Client } from '../wire/client.js';
import type { Events } from '../wire/events.js';
import type { RunDetail, RunRow, StoreInfo } from '../wire/types.js';
import { DEFAULTS, readKept, type Choices, type Kept } from './choices.js';
import { byInterest } from './columns.js';
import { FilterBox } from './filterBox.js';
import type { AskIndexing } from './indexing.js';
import { KnownFields } from './knownFields.js';
import { nameOf } from './lines.js';
import { RunsList } from './list.js';
import { RunsModel } from './model.js';
import { notice, teach, trouble, type Way } from './notices.js';
import { differingKeys, withOffered } from './offered.js';
import { loaded } from './sections.js';
import { MAX_COMPARED } from './selection.js';
import { orderText } from './sorting.js';
import { Sparks } from './sparks.js';
import { ViewBox } from './viewBox.js';

/** What the panel asks of whoever shows it. */
export interface PanelOptions {
  readonly client: Client;
  readonly events: Events;
  readonly words: Words;
  /** Says how far the server is with its first look at a store; without it the panel only waits. */
  readonly askIndexing?: AskIndexing;
  onOpen(row: RunRow): void;
  onCompare(rows: readonly string[]): void;
  onRename(row: RunRow, name: string): void;
  /** What is to be kept has changed. */
  onKeep(): void;
  copy(text: string): void;
}

/** Puts everything together and keeps it up to date. */
export class RunsPanel {
  readonly node: HTMLElement;
  readonly list: RunsList;
  readonly model: RunsModel;

  constructor(private readonly _options: PanelOptions) {
    const { client, events, words } = _options;
    this.model = new RunsModel(client, events, _options.askIndexing);
    this._sparks = new Sparks(client);
    this._fields = new KnownFields(client, () => this._choices.store, () => this._showView());
    this.list = new RunsList(this.model, this._sparks, words, {
      onOpen: row => _options.onOpen(row),
      onSelect: () => this._selected(),
      onOrder: order => this.choose({ order }),
      onRename: (row, name) => _options.onRename(row, name),
      onCollapse: () => this._keep(),
      onScroll: () => this._keep()
    });
    this.filter = new FilterBox(words, () => this._fields.ask(), filter => this.choose({ filter }));
    this._view = new ViewBox(words, choices => this.choose(choices), () => this._openView(), field => this.list.isText(field));
    this._compare = element(
      'button',
      { type: 'button', class: 'nbt-button', disabled: true, onclick: () => this.compare() },
      words.__('Compare')
    );
    this.node = element(
      'div',
      { class: 'nbt-panel' },
      element('div', { class: 'nbt-panel-bar' }, this.filter.node, this._view.button),
      this._view.node,
      element('div', { class: 'nbt-panel-bar' }, this._status, this._compare),
      this._notice,
      this.list.node
    );
    this.model.onChange = () => this._changed();
    this._sparks.onChange = () => this.list.draw();
  }

  readonly filter: FilterBox;

  get choices(): Choices {
    return this._choices;
  }

  /** What is to be kept until the next visit. */
  get kept(): Kept {
    return {
      choices: this._choices,
      selected: [...this.list.selection.names].slice(0, 200),
      collapsed: [...this.list.collapsed],
      scroll: this._scroll ?? this.list.node.scrollTop
    };
  }

  /** Begins, with what was kept. */
  start(kept: unknown, defaults: Choices = DEFAULTS): void {
    const { choices, selected, collapsed, scroll } = readKept(kept, defaults);
    this.list.selection.only(selected);
    collapsed.forEach(key => this.list.collapsed.add(key));
    this._scroll = scroll;
    this.filter.text = choices.filter;
    this.choose(choices);
  }

  /** Changes how and which runs are shown. */
  choose(changes: Partial<Choices>): void {
    const before = this._choices;
    this._choices = { ...before, ...changes };
    const { store, filter, order, group, archived } = this._choices;
    if (store !== before.store) {
      this.list.selection.only([]);
      this.list.forget();
      this._fields.expire();
    }
    const asked = [store, filter, order, group, archived].join('\n');
    if (asked !== this._askedKey) {
      this._askedKey = asked;
      this.model.ask(this._choices);
    }
    void this._fields.ask();
    this._showView();
    this._selected();
  }

  /** Opens the selected runs next to each other. */
  compare(): void {
    const names = this.list.selection.compared;
    if (names.length > 0) {
      this._options.onCompare(names);
    }
  }

  /** Shows what the server answered to an edit. */
  put(run: RunDetail): void {
    this.model.put(run);
    this.model.refresh();
  }

  dispose(): void {
    this.model.dispose();
    this._sparks.dispose();
    this.list.dispose();
    this.filter.dispose();
    this._fields.dispose();
  }

  private _changed(): void {
    const { group } = this._choices;
    this._forgetStopped();
    this._showNotice();
    this._showStatus();
    this._findDiffering();
    this.list.update(this.model.sections, group !== 'none');
    if (this._scroll !== null && this.model.isThere) {
      this.list.node.scrollTop = this._scroll;
      this._scroll = null;
    }
    if (!this.model.isMissing) {
      this._fields.askLater();
    }
  }

  /** Columns of what runs differ in follow the runs that have come. */
  private _findDiffering(): void {
    const found = differingKeys(loaded(this.model.sections));
    if (found.join('\n') !== this._differing.join('\n')) {
      this._differing = found;
      this._showView();
    }
  }

  private _forgetStopped(): void {
    const { stopping } = this.list;
    for (const row of stopping.size > 0 ? loaded(this.model.sections) : []) {
      if (row.state !== 'running') {
        stopping.delete(nameOf(row));
      }
    }
  }

  private _showNotice(): void {
    const { words, copy } = this._options;
    const { trouble: found, isThere, total, n_all } = this.model;
    this.filter.say(found?.isOfFilter ? reason(found.error) : '');
    const retry = { label: words.__('Try again'), act: () => this.model.retry() };
    let key = '';
    let make: (() => HTMLElement) | null = null;
    if (found !== null && !found.isOfFilter) {
      key = `trouble ${reason(found.error)}`;
      make = () => trouble(found.error, [retry]);
    } else if (isThere && n_all === 0) {
      key = 'teach';
      make = () => teach(words, copy);
    } else if (isThere && total === 0) {
      key = `nothing ${this._choices.filter}`;
      make = () => notice(words.__('No run fulfils the filter.'), this._waysOutOfFilter());
    }
    if (key !== this._noticeKey) {
      this._noticeKey = key;
      this._notice.replaceChildren(...(make === null ? [] : [make()]));
      this._notice.hidden = make === null;
    }
    this.list.node.hidden = total === 0 && make !== null;
  }

  private _waysOutOfFilter(): Way[] {
    const { words } = this._options;
    const { filter, archived } = this._choices;
    const clear = {
      label: words.__('Clear the filter'),
      act: () => {
        this.filter.text = '';
        this.choose({ filter: '' });
      }
    };
    const all = { label: words.__('Show archived runs'), act: () => this.choose({ archived: true }) };
    return [...(filter === '' ? [] : [clear]), ...(archived ? [] : [all])];
  }

  private _showStatus(): void {
    const { words } = this._options;
    const { total, n_all, isThere, trouble: found } = this.model;
    const n = this.list.selection.names.size;
    const runs = total === n_all ? words._n('%1 run', '%1 runs', total) : words.__('%1 of %2 runs', total, n_all);
    const text = isThere ? runs : found === null ? this._waitingText() : '';
    const selected = n > 0 ? words._n('%1 selected', '%1 selected', n) : '';
    const order = isThere && n === 0 && total > 1 ? orderText(this._choices.order, words, this.list.isText) : '';
    setText(this._status, [text, selected, order].filter(Boolean).join(', '));
    this._status.title = this._status.textContent ?? '';
    this._compare.disabled = n < 2 || n > MAX_COMPARED;
  }

  private _waitingText(): string {
    const { words } = this._options;
    const { indexing } = this.model;
    if (indexing === null || indexing.n_indexed === null || indexing.n_indexed >= indexing.n_runs) {
      return words.__('Asking for the runs …');
    }
    const { n_indexed, n_runs } = indexing;
    return words.__('Looking at all runs once: %1 of about %2', n_indexed, n_runs);
  }

  private _selected(): void {
    this._showStatus();
    this.list.draw();
    this._keep();
  }

  /** Nothing is kept before what was kept is there. */
  private _keep(): void {
    if (this._askedKey !== '') {
      this._options.onKeep();
    }
  }

  private _openView(): void {
    this._showView();
    void this._options.client.stores().then(
      stores => {
        this._stores = stores;
        this._showView();
      },
      () => undefined
    );
  }

  private _showView(): void {
    const { store, metric, columns: keys, order } = this._choices;
    const metrics = metric === '' ? byInterest(this._fields.now.metrics) : [metric];
    this._sparks.use(store);
    const columns = withOffered(keys, this._differing, metrics, this._options.words);
    this.list.setColumns(columns, order, metrics);
    this._view.update(this._choices, metrics, this._fields.now, this._stores);
  }

  private readonly _view: ViewBox;
  private readonly _fields: KnownFields;
  private readonly _sparks: Sparks;
  private readonly _status = element('span', { class: 'nbt-status', role: 'status' });
  private readonly _compare: HTMLButtonElement;
  private readonly _notice = element('div', { class: 'nbt-notices', hidden: true });
  private _noticeKey = '';
  private _choices: Choices = DEFAULTS;
  private _askedKey = '';
  private _differing: readonly string[] = [];
  private _stores: readonly StoreInfo[] = [];
  private _scroll: number | null = null;
}
