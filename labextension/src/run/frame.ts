/** What stands around the pages of a display: tabs, the filter, and a line for what went wrong. */
import { element, setText } from './elements.js';
import type { Tabs } from './tabs.js';
import type { Words } from './words.js';

/** The frame of a display. */
export interface Frame {
  readonly node: HTMLElement;
  /** Says something in the line for troubles; an empty text takes it away. */
  say(text: string): void;
}

/** Puts tabs, a filter box and pages together. */
export function frame(tabs: Tabs, words: Words, onFilter: (text: string) => void): Frame {
  const filter = element('input', {
    type: 'search',
    class: 'nbt-filter',
    placeholder: words.__('Filter'),
    'aria-label': words.__('Filter what is shown'),
    spellcheck: 'false',
    oninput: () => onFilter(filter.value)
  });
  const said = element('p', { class: 'nbt-said', role: 'alert', hidden: true });
  const bar = element('div', { class: 'nbt-bar' }, tabs.list, filter);
  return {
    node: element('div', { class: 'nbt-frame' }, bar, said, tabs.pages),
    say: text => {
      said.hidden = text === '';
      setText(said, text);
    }
  };
}

/** What to say of an error, with what can be done about it. */
export function reason(error: unknown): string {
  const hint = typeof error === 'object' && error !== null ? Reflect.get(error, 'hint') : '';
  const message = error instanceof Error ? error.message : String(error);
  return typeof hint === 'string' && hint !== '' ? `${message}. ${hint}` : message;
}
