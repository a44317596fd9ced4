/** Pages behind tabs, as ARIA describes them: arrow keys go round, Tab goes into the page. */
import { element, freshId, setText } from './elements.js';

/** A page and what stands on its tab. */
export interface Page {
  readonly key: string;
  readonly label: string;
  readonly node: HTMLElement;
}

/** Shows one page at a time. */
export class Tabs {
  readonly list: HTMLElement;
  readonly pages: HTMLElement;

  constructor(
    label: string,
    pages: readonly Page[],
    private readonly _onShow: (key: string) => void
  ) {
    this.list = element('div', { class: 'nbt-tabs', role: 'tablist', 'aria-label': label });
    this.pages = element('div', { class: 'nbt-pages' });
    for (const { key, label: text, node } of pages) {
      const [tabId, pageId] = [freshId('tab'), freshId('page')];
      const tab = element(
        'button',
        { type: 'button', role: 'tab', id: tabId, 'aria-controls': pageId, onclick: () => this.show(key) },
        text
      );
      const page = element(
        'div',
        { class: 'nbt-tabpage', role: 'tabpanel', id: pageId, 'aria-labelledby': tabId, tabindex: '0' },
        node
      );
      this._tabs.set(key, { tab, page });
      this.list.append(tab);
      this.pages.append(page);
    }
    this.list.addEventListener('keydown', event => this._move(event));
    const [first] = pages;
    if (first !== undefined) {
      this._select(first.key);
    }
  }

  /** Which page is shown. */
  get shown(): string {
    return this._shown;
  }

  /** Shows a page; an unknown key is left alone. */
  show(key: string): void {
    if (this._tabs.has(key)) {
      this._select(key);
      this._onShow(key);
    }
  }

  /** What stands on a tab, e.g. with how many things are on its page. */
  label(key: string, text: string): void {
    const found = this._tabs.get(key);
    if (found) {
      setText(found.tab, text);
    }
  }

  private _select(key: string): void {
    this._shown = key;
    for (const [other, { tab, page }] of this._tabs) {
      const isShown = other === key;
      tab.setAttribute('aria-selected', String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      page.hidden = !isShown;
    }
  }

  private _move(event: KeyboardEvent): void {
    const keys = [...this._tabs.keys()];
    const at = keys.indexOf(this._shown);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: keys.length - 1 }[event.key];
    const key = to === undefined ? undefined : keys.at(to % keys.length);
    if (key !== undefined) {
      event.preventDefault();
      // The notebook would take the arrows for a move to another cell.
      event.stopPropagation();
      this.show(key);
      this._tabs.get(key)?.tab.focus();
    }
  }

  private readonly _tabs = new Map<string, { tab: HTMLElement; page: HTMLElement }>();
  private _shown = '';
}
