/** Parallel coordinates of runs: which config led to which result. */
import type { Difference, MetricInfo, RunRow } from '../wire/types.js';
import { type Across, CoordinatesPlot } from './coordinatesPlot.js';
import { axisOf, mostTelling, numericKeys } from './coordinatesScale.js';
import { element, freshId, setText } from './elements.js';
import type { Storage } from './options.js';
import { spelled } from './spelling.js';
import type { Words } from './words.js';

/** A run with the values of its summary. */
export interface Compared extends Across {
  readonly summary: RunRow['summary'];
}

/** More axes than this are left to the filter. */
const MAX_AXES = 12;
const MAX_TEXT = 200;
const CHOICE = 'coordinates:metric';

/** An axis for each config key that differs, and one for a summary metric that is chosen. */
export class Coordinates {
  readonly node: HTMLElement;

  constructor(
    private readonly _words: Words,
    private readonly _storage: Storage
  ) {
    const id = freshId('metric');
    this._choice = element('select', { id, onchange: () => this._choose() });
    const hint = _words.__(
      'Drag along an axis to select runs. By keyboard, arrows go from run to run, and the filter narrows the axes.'
    );
    this._plot = new CoordinatesPlot(_words, n_within => this._tell(n_within));
    this._head = element(
      'div',
      { class: 'nbt-across-head' },
      element('label', { for: id }, _words.__('Result')),
      this._choice,
      element('span', { class: 'nbt-more' }, hint)
    );
    this.node = element('div', { class: 'nbt-page nbt-coordinates' }, this._head, this._plot.node, this._status, this._more);
    this._show();
  }

  /** Shows these runs; the values of the differences are in their order. */
  update(runs: readonly Compared[], differences: readonly Difference[], metrics: readonly MetricInfo[]): void {
    [this._runs, this._differences, this._metrics] = [runs, differences, metrics];
    this._show();
  }

  /** Has only axes in whose key each word of the text occurs. */
  filter(text: string): void {
    this._wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    this._show();
  }

  dispose(): void {
    this._plot.dispose();
    this.node.remove();
  }

  private _show(): void {
    const spell = spelled(this._differences.map(({ key }) => key));
    const found = this._differences.filter(({ key }) => {
      const text = `${key} ${spell(key)}`.toLowerCase();
      return this._wanted.every(word => text.includes(word));
    });
    const axes = found.slice(0, MAX_AXES).map(({ key, values, has }) => ({
      ...axisOf('config', key, values, has),
      key: spell(key)
    }));
    const metric = this._offer();
    if (metric !== null) {
      const values = this._runs.map(({ summary }) => (Object.hasOwn(summary, metric) ? summary[metric] : undefined));
      const axis = axisOf('summary', metric, values, values.map(value => value !== undefined));
      axes.push({ ...axis, key: this._spell(metric) });
    }
    const isEmpty = found.length === 0;
    this._head.hidden = this._plot.node.hidden = isEmpty;
    const runs = isEmpty ? [] : this._runs.map(({ key, name, curve }) => ({ key, name, curve }));
    const keys = axes.map(({ key }) => key).join(', ');
    const summary = this._words.__('%1 runs across %2 axes: %3', runs.length, axes.length, keys);
    this._plot.show(runs, isEmpty ? [] : axes, summary);
    setText(this._more, this._remark(found.length));
  }

  private _remark(n_found: number): string {
    if (n_found > MAX_AXES) {
      return this._words.__('%1 more keys differ: filter to see them.', n_found - MAX_AXES);
    }
    if (n_found > 0) {
      return '';
    }
    return this._differences.length > 0 ? this._words.__('Nothing matches.') : this._words.__('No config differs.');
  }

  /** Offers the summary's numbers, and returns which one is shown. */
  private _offer(): string | null {
    const keys = numericKeys(this._runs.map(({ summary }) => summary));
    const kept = this._storage.get(CHOICE);
    const chosen = keys.find(key => key === kept) ?? mostTelling(keys, this._metrics);
    this._spell = spelled(keys);
    const offered = JSON.stringify(keys);
    if (offered !== this._offered) {
      this._offered = offered;
      this._choice.replaceChildren(...keys.map(key => element('option', { value: key }, this._spell(key).slice(0, MAX_TEXT))));
    }
    this._choice.disabled = keys.length === 0;
    if (chosen !== null && this._choice.value !== chosen) {
      this._choice.value = chosen;
    }
    return chosen;
  }

  private _choose(): void {
    this._storage.set(CHOICE, this._choice.value);
    this._show();
  }

  private _tell(n_within: number | null): void {
    const said = this._words.__('%1 of %2 runs are within the selection. Escape clears it.', n_within ?? 0, this._runs.length);
    setText(this._status, n_within === null ? '' : said);
  }

  private readonly _choice: HTMLSelectElement;
  private readonly _head: HTMLElement;
  private readonly _plot: CoordinatesPlot;
  private readonly _status = element('p', { class: 'nbt-across-status', role: 'status' });
  private readonly _more = element('p', { class: 'nbt-more' });
  private _runs: readonly Compared[] = [];
  private _differences: readonly Difference[] = [];
  private _metrics: readonly MetricInfo[] = [];
  private _wanted: readonly string[] = [];
  private _offered = '';
  /** How metrics of the summary are spelled. */
  private _spell = spelled([]);
}
