/** What keys do in the list, as ARIA describes it for a tree grid of which several may be selected. */
import type { RunsList } from './list.js';

/** Follows the keyboard while the list has the focus. */
export class Keys {
  constructor(private readonly _list: RunsList) {}

  take(event: KeyboardEvent): void {
    if (event.target === event.currentTarget && this._act(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private _act(event: KeyboardEvent): boolean {
    const list = this._list;
    const { activeLine, anchorLine } = list.selection;
    const hasCommand = event.ctrlKey || event.metaKey;
    const to = this._target(event.key, activeLine);
    if (to !== undefined) {
      const line = Math.max(0, Math.min(to, list.lines.length - 1));
      list.goTo(line);
      if (event.shiftKey) {
        void list.selecting.range(anchorLine, line);
      } else if (!hasCommand) {
        list.selecting.only();
      }
      return true;
    }
    switch (event.key) {
      case ' ':
        list.toggleActive();
        return true;
      case 'Enter':
        list.openActive();
        return !hasCommand;
      case 'ArrowRight':
      case 'ArrowLeft':
        return this._fold(event.key === 'ArrowLeft');
      case 'Escape':
        list.selecting.clear();
        return true;
      case 'a':
        if (hasCommand) {
          void list.selecting.range(0, list.lines.length - 1);
        }
        return hasCommand;
      default:
        return false;
    }
  }

  private _target(key: string, line: number): number | undefined {
    switch (key) {
      case 'ArrowDown':
        return line + 1;
      case 'ArrowUp':
        return line - 1;
      case 'PageDown':
        return line + this._list.pageLines;
      case 'PageUp':
        return line - this._list.pageLines;
      case 'Home':
        return 0;
      case 'End':
        return this._list.lines.length - 1;
      default:
        return undefined;
    }
  }

  /** Closes or opens the section; from a run, goes to its head. */
  private _fold(isCollapsed: boolean): boolean {
    const { lines, selection } = this._list;
    const line = lines.at(selection.activeLine);
    if (!lines.hasHeads || line === undefined) {
      return false;
    }
    if (line.kind === 'section') {
      this._list.collapse(line.section, isCollapsed);
    } else if (isCollapsed) {
      this._list.goTo(selection.activeLine - line.index - 1);
    }
    return true;
  }
}
