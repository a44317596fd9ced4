/** The files that are compared, each with its lines as long as neither side of it changes. */
import type { CodeLines, Difference } from '../wire/types.js';
import { CodeDiff } from './codeDiff.js';
import { arrange, element } from './elements.js';
import type { Words } from './words.js';

/** Asks in which lines a file of two runs differs; runs by their places in the comparison. */
export type AskLines = (a: number, b: number, path: string) => Promise<CodeLines>;

/** Two runs: their places in the comparison. */
export type Pair = readonly [number, number];

interface Line {
  readonly node: HTMLElement;
  note(text: string): void;
}

/** A list with a line for each file; lines that are not wanted are hidden, and stay as they are. */
export class CodeFiles {
  readonly node = element('ul', { class: 'nbt-diff-files' });

  constructor(
    private readonly _words: Words,
    private readonly _ask: AskLines
  ) {}

  /**
   * Shows some of the files of two runs.
   *
   * @param files All there are, in their order.
   */
  show(files: readonly Difference[], shown: ReadonlySet<Difference>, pair: Pair, names: readonly string[]): void {
    this._pair = pair;
    const kept = new Map<string, Line>();
    for (const file of files) {
      const key = this._keyOf(file);
      const line = this._lines.get(key) ?? (shown.has(file) ? this._line(file) : undefined);
      if (line !== undefined) {
        line.note(this._note(file, names));
        line.node.hidden = !shown.has(file);
        kept.set(key, line);
      }
    }
    this._lines = kept;
    arrange(this.node, [...kept.values()].map(({ node }) => node));
  }

  /** The same for the same content of both sides, whatever the runs are called. */
  private _keyOf({ key, values, has }: Difference): string {
    return JSON.stringify([key, ...this._pair.map(i => [has[i], values[i]])]);
  }

  private _line(file: Difference): Line {
    const { key } = file;
    if (this._isSame(file)) {
      const said = element('span', { class: 'nbt-more' });
      const node = element('li', {}, element('span', { class: 'nbt-path' }, key), said);
      return { node, note: text => void (said.textContent = text) };
    }
    const diff = new CodeDiff(key, this._words, () => this._ask(...this._pair, key), isOpen =>
      isOpen ? this._open.add(key) : this._open.delete(key)
    );
    if (this._open.has(key)) {
      diff.open();
    }
    return diff;
  }

  private _isSame({ values, has }: Difference): boolean {
    const [a, b] = this._pair;
    return has[a] === has[b] && values[a] === values[b];
  }

  private _note(file: Difference, names: readonly string[]): string {
    const [a, b] = this._pair;
    const [isInFirst, isInSecond] = [file.has[a] ?? false, file.has[b] ?? false];
    if (this._isSame(file)) {
      return isInFirst ? this._words.__('the same in both') : this._words.__('in neither');
    }
    if (isInFirst && isInSecond) {
      return this._words.__('changed');
    }
    return this._words.__('only in %1', names[isInFirst ? a : b] ?? '');
  }

  private _pair: Pair = [0, 1];
  private _lines: ReadonlyMap<string, Line> = new Map();
  private readonly _open = new Set<string>();
}
