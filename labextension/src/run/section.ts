/** The charts of one section below their heading, which opens and closes. */
import { arrange, element, setText } from './elements.js';

/** A section; the first click on its heading is the first thing that is remembered of it. */
export class Section {
  readonly node: HTMLDetailsElement;

  constructor(
    private readonly _name: string,
    isClosed: boolean,
    private readonly _onClose: (isClosed: boolean) => void
  ) {
    // A toggle event also comes of what no user did: of a section that is closed when it is made.
    const onclick = (): void => this._onClose(this.node.open);
    this._heading = element('summary', { onclick }, this._title, ' ', this._count);
    this.node = element('details', { class: 'nbt-section', open: !isClosed }, this._heading, this._grid);
  }

  /**
   * Shows charts.
   *
   * @param hosts All that were made, in their order; those that are hidden stay so.
   * @param n How many charts the section has, apart from those that are filtered away.
   * @param general What a section without a name is called; null if it needs no heading.
   */
  show(hosts: readonly HTMLElement[], n: number, general: string | null): void {
    const title = this._name || general;
    this._heading.hidden = title === null;
    setText(this._title, title ?? '');
    setText(this._count, n > 1 ? String(n) : '');
    if (title === null) {
      this.node.open = true;
    }
    this.node.style.setProperty('--nbt-charts', String(hosts.filter(host => !host.hidden).length));
    arrange(this._grid, hosts);
  }

  private readonly _heading: HTMLElement;
  private readonly _title = element('span');
  private readonly _count = element('span', { class: 'nbt-count' });
  private readonly _grid = element('div', { class: 'nbt-grid' });
}
