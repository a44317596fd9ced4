/** Config and summary as tables that are brought up to date in place. */
import type { ConfigChange, ConfigEntry, RunDetail } from '../wire/types.js';
import { element, setText } from './elements.js';
import { spelled } from './spelling.js';
import { valueText, type Words } from './words.js';

/** A row of a table of facts. */
export interface Fact {
  readonly key: string;
  /** The key as people wrote it, where that is not the same. */
  readonly spelled?: string;
  readonly value: unknown;
  readonly note?: string | null;
  readonly pinned?: boolean;
  readonly changes?: readonly ConfigChange[];
}

/** More rows than this are left to the filter. */
const MAX_ROWS = 400;
const MAX_CHANGES = 50;
const MAX_TEXT = 4000;

interface Line {
  readonly row: HTMLTableRowElement;
  readonly key: HTMLElement;
  readonly value: HTMLElement;
  readonly rest: HTMLElement;
  shown: string;
}

/** A table of keys and values, with what is known of each. */
export class Facts {
  readonly node: HTMLElement;

  constructor(
    caption: string,
    private readonly _words: Words,
    private readonly _onCell?: (execution: string) => void
  ) {
    const head = [_words.__('Key'), _words.__('Value')];
    this._table = element(
      'table',
      { class: 'nbt-facts' },
      element('caption', { class: 'nbt-unseen' }, caption),
      element('colgroup', {}, element('col', { class: 'nbt-keys' }), element('col')),
      element(
        'thead',
        { class: 'nbt-unseen' },
        element('tr', {}, ...head.map(text => element('th', { scope: 'col' }, text)))
      ),
      this._body
    );
    this.node = element('div', { class: 'nbt-page' }, this._table, this._more);
  }

  /** Shows these facts, pinned ones first, otherwise in the order given. */
  update(facts: readonly Fact[]): void {
    this._facts = [...facts].sort((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false));
    this._show();
  }

  /** Shows only facts in whose key or value each word of the text occurs. */
  filter(text: string): void {
    this._wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    this._show();
  }

  private _show(): void {
    const found = this._facts.filter(fact => this._matches(fact));
    const shown = found.slice(0, MAX_ROWS);
    const keys = new Set(shown.map(fact => fact.key));
    for (const [key, line] of this._lines) {
      if (!keys.has(key)) {
        line.row.remove();
        this._lines.delete(key);
      }
    }
    shown.forEach((fact, index) => {
      const line = this._lines.get(fact.key) ?? this._makeLine(fact.key);
      if (this._body.children[index] !== line.row) {
        this._body.insertBefore(line.row, this._body.children[index] ?? null);
      }
      this._fill(line, fact);
    });
    const n_left = found.length - shown.length;
    setText(this._more, this._remark(n_left));
  }

  private _remark(n_left: number): string {
    if (n_left > 0) {
      return this._words.__('%1 more: filter to see them.', n_left);
    }
    if (this._lines.size > 0) {
      return '';
    }
    return this._facts.length > 0 ? this._words.__('Nothing matches.') : this._words.__('Nothing yet.');
  }

  private _matches(fact: Fact): boolean {
    if (this._wanted.length === 0) {
      return true;
    }
    const text = `${fact.key} ${fact.spelled ?? ''} ${valueText(fact.value).slice(0, MAX_TEXT)}`.toLowerCase();
    return this._wanted.every(word => text.includes(word));
  }

  private _makeLine(key: string): Line {
    const head = element('th', { scope: 'row' });
    const value = element('span', { class: 'nbt-value' });
    const rest = element('div', { class: 'nbt-changes' });
    const row = element(
      'tr',
      {},
      head,
      element('td', {}, value, rest)
    );
    const line = { row, key: head, value, rest, shown: '' };
    this._lines.set(key, line);
    return line;
  }

  private _fill(line: Line, fact: Fact): void {
    const text = valueText(fact.value);
    setText(line.key, fact.spelled ?? fact.key);
    setText(line.value, text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} …` : text);
    line.row.classList.toggle('nbt-pinned', fact.pinned ?? false);
    const changes = fact.changes ?? [];
    const shown = JSON.stringify([fact.note ?? '', changes.length, changes.at(-1)?.at]);
    if (line.shown !== shown) {
      line.shown = shown;
      const left = changes.length - MAX_CHANGES;
      line.rest.replaceChildren(
        ...(fact.note ? [element('div', { class: 'nbt-note' }, fact.note)] : []),
        ...(left > 0 ? [element('div', {}, this._words.__('%1 earlier changes', left))] : []),
        ...changes.slice(-MAX_CHANGES).map(change => this._change(change))
      );
    }
  }

  /** `0.01 → 0.003 @ cell [7], step 120` */
  private _change(change: ConfigChange): HTMLElement {
    const { old, new: now, cell, execution, step } = change;
    const brief = (value: unknown): string => valueText(value).slice(0, 200);
    const where = cell === null ? null : this._words.__('cell [%1]', cell);
    const go = this._onCell;
    const link =
      where !== null && go !== undefined && execution !== null
        ? element('button', { type: 'button', class: 'nbt-link', onclick: () => go(execution) }, where)
        : where;
    return element(
      'div',
      {},
      `${change.first ? '' : `${brief(old)} → `}${brief(now)} @ `,
      link,
      `${where === null ? '' : ', '}${this._words.__('step %1', step)}`
    );
  }

  private readonly _table: HTMLTableElement;
  private readonly _body = element('tbody');
  private readonly _more = element('p', { class: 'nbt-more' });
  private readonly _lines = new Map<string, Line>();
  private _facts: readonly Fact[] = [];
  private _wanted: readonly string[] = [];
}

/** The config of a run as facts. */
export function configFacts(entries: readonly ConfigEntry[]): Fact[] {
  return entries.map(({ key, value, desc, pinned, changes }) => ({
    key,
    value,
    note: desc,
    pinned,
    changes
  }));
}

/** The summary of a run as facts; keys of the config are no names of the journal, these are. */
export function summaryFacts(summary: RunDetail['summary']): Fact[] {
  const spell = spelled(Object.keys(summary));
  return Object.entries(summary).map(([key, value]) => ({ key, spelled: spell(key), value }));
}
