/** The legend of several runs: each with the line of its curves, and a button that hides them. */
import { themeOf, watchTheme } from '../charts/theme.js';
import type { RunDetail } from '../wire/types.js';
import { drawn, put } from './coordinatesLayout.js';
import { element } from './elements.js';
import { keyOf, nameOf } from './runKeys.js';
import { strokesOf } from './strokes.js';
import { stateWords, type Words } from './words.js';

interface Entry {
  readonly key: string;
  readonly button: HTMLButtonElement;
  readonly line: SVGElement;
}

/** Runs in the order of their curves. */
export class ComparedRuns {
  readonly node: HTMLElement;

  constructor(
    private readonly _words: Words,
    /** Some were hidden or shown by the user: the places of all that are hidden. */
    private readonly _onHidden: (hidden: ReadonlySet<number>) => void
  ) {
    this.node = element('ul', { class: 'nbt-legend', 'aria-label': _words.__('Runs; press to hide or show one') });
    this._stop = watchTheme(this.node, () => this._color());
  }

  /** Shows these runs; those that were hidden stay so. */
  update(runs: readonly RunDetail[]): void {
    const said = JSON.stringify(runs.map(({ project, id, name, state }) => [project, id, name, state]));
    if (said === this._said) {
      return;
    }
    this._said = said;
    const focused = this._entries.find(({ button }) => button.matches(':focus'))?.key;
    this._entries = runs.map(run => this._entry(run, runs));
    this.node.replaceChildren(...this._entries.map(({ button }) => element('li', {}, button)));
    this._color();
    this._press();
    this._entries.find(({ key }) => key === focused)?.button.focus();
  }

  /** The places of the runs that are hidden. */
  get hidden(): ReadonlySet<number> {
    return new Set(this._entries.flatMap(({ key }, i) => (this._hidden.has(key) ? [i] : [])));
  }

  isHidden(run: { project: string; id: string }): boolean {
    return this._hidden.has(keyOf(run));
  }

  /** Has just these hidden, because they were hidden elsewhere. */
  setHidden(hidden: ReadonlySet<number>): void {
    this._entries.forEach(({ key }, i) => this._hide(key, hidden.has(i)));
    this._press();
  }

  dispose(): void {
    this._stop();
  }

  private _entry(run: RunDetail, runs: readonly RunDetail[]): Entry {
    const { name, meaning } = stateWords(run.state, this._words);
    const key = keyOf(run);
    const line = drawn('path', { d: 'M0 5H24', 'stroke-width': 2, fill: 'none' });
    const button = element(
      'button',
      { type: 'button', title: `${key} · ${meaning}`, onclick: () => this._toggle(key) },
      drawn('svg', { width: 24, height: 10, 'aria-hidden': 'true' }, line),
      element('span', { class: 'nbt-legend-name' }, nameOf(run, runs)),
      element('span', { class: 'nbt-dot', 'data-state': run.state, 'aria-hidden': 'true' }),
      element('span', { class: 'nbt-legend-state' }, name)
    );
    return { key, button, line };
  }

  private _toggle(key: string): void {
    this._hide(key, !this._hidden.has(key));
    this._press();
    this._onHidden(this.hidden);
  }

  private _hide(key: string, isHidden: boolean): void {
    if (isHidden) {
      this._hidden.add(key);
    } else {
      this._hidden.delete(key);
    }
  }

  private _press(): void {
    this._entries.forEach(({ key, button }) => button.setAttribute('aria-pressed', String(!this._hidden.has(key))));
  }

  /** The colours and dashes of the curves, which depend on the theme. */
  private _color(): void {
    const strokes = strokesOf(themeOf(this.node), this._entries.length);
    this._entries.forEach(({ line }, i) => put(line, { ...strokes[i] }));
  }

  private readonly _stop: () => void;
  private readonly _hidden = new Set<string>();
  private _entries: readonly Entry[] = [];
  private _said = '';
}
