/** What the mouse does in the list: select, add, extend, open; a menu is about what is selected. */
import { nameOf } from './lines.js';
import type { RunsList } from './list.js';

/** Follows the mouse. */
export class Mouse {
  constructor(private readonly _list: RunsList) {}

  press(event: MouseEvent): void {
    const list = this._list;
    const at = lineOf(event);
    const line = at === undefined ? undefined : list.lines.at(at);
    if (at === undefined || line === undefined) {
      return;
    }
    const { anchorLine, names } = list.selection;
    const isMenu = event.button === 2;
    const isKept = isMenu && line.kind === 'run' && line.row !== undefined && names.has(nameOf(line.row));
    list.goTo(at);
    if (line.kind === 'section') {
      if (event.button === 0) {
        list.toggleActive();
      }
    } else if (event.shiftKey && !isMenu) {
      // The browser would select text.
      event.preventDefault();
      list.node.focus();
      void list.selecting.range(anchorLine, at);
    } else if ((event.ctrlKey || event.metaKey) && !isMenu) {
      list.toggleActive();
    } else if (!isKept) {
      list.selecting.only();
    }
  }

  open(event: MouseEvent): void {
    const at = lineOf(event);
    const line = at === undefined ? undefined : this._list.lines.at(at);
    if (line?.kind === 'run' && line.row !== undefined) {
      this._list.events.onOpen(line.row);
    }
  }
}

function lineOf({ target }: Event): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-line]') : null;
  return row === null ? undefined : Number(row.dataset['line']);
}
