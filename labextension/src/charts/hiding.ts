/** Which lines of a chart are hidden. */

/** Lines are told by their place. Nothing of it is remembered: whoever gives the lines may do that. */
export class Hiding {
  constructor(private readonly _n: number, hidden: ReadonlySet<number>) {
    this._hidden = this._known(hidden);
  }

  get lines(): ReadonlySet<number> {
    return this._hidden;
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
    const others = new Set(Array.from({ length: this._n }, (_, i) => i));
    others.delete(line);
    const isAlone = !this._hidden.has(line) && this._hidden.size === others.size;
    this._hidden = isAlone ? new Set() : others;
  }

  private _known(lines: ReadonlySet<number>): Set<number> {
    return new Set([...lines].filter(line => line < this._n));
  }

  private _hidden: Set<number>;
}
