/** Which lines of a chart are hidden. */

/** Lines are told by their place; labels are what is remembered of them. */
export class Hiding {
  constructor(private readonly _labels: readonly string[], hidden: ReadonlySet<number>) {
    this._hidden = this._known(hidden);
  }

  /** The lines that bear these labels. One line alone is never hidden by its label. */
  static labelled(all: readonly string[], labels: readonly string[]): Set<number> {
    const found = new Set(labels);
    return new Set(all.length < 2 ? [] : all.flatMap((label, i) => (found.has(label) ? [i] : [])));
  }

  get lines(): ReadonlySet<number> {
    return this._hidden;
  }

  get labels(): string[] {
    return this._labels.filter((_, i) => this._hidden.has(i));
  }

  set(hidden: ReadonlySet<number>): void {
    this._hidden = this._known(hidden);
  }

  /** Hide a line, or show it again. */
  toggle(line: number): void {
    const hidden = new Set(this._hidden);
    if (!hidden.delete(line)) {
      hidden.add(line);
    }
    this._hidden = this._known(hidden);
  }

  /** Show one line alone; if it is alone already, all. */
  single(line: number): void {
    const others = new Set(this._labels.keys());
    others.delete(line);
    const isAlone = !this._hidden.has(line) && this._hidden.size === others.size;
    this._hidden = isAlone ? new Set() : others;
  }

  private _known(lines: ReadonlySet<number>): Set<number> {
    return new Set([...lines].filter(line => line in this._labels));
  }

  private _hidden: Set<number>;
}
