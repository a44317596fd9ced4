/** The controls of a chart, behind one button. */

import { RELATIVE, STEP, WALL } from './axes.js';
import type { Choices } from './choices.js';
import { make, newId, say } from './nodes.js';
import { placeOf, weightOf, weightText } from './slider.js';

type Text = (text: string) => string;

/** What keys do, for those who hear the chart and in the controls. */
export const KEYS =
  'Arrow keys read points, M and Shift+M go from mark to mark, + and − zoom, Y and Shift+Y zoom y, ' +
  'Shift and arrows move, Escape or Home shows all.';
const DRAGGING = 'Drag a box, or a stripe along one axis, to zoom; Shift and drag moves; a double click shows all.';

/** What the controls do. */
export interface ToolsClient {
  choose(change: Partial<Choices>): void;
  reset(): void;
  toggleTable(): void;
  save(kind: 'png' | 'svg' | 'csv'): void;
}

/** Buttons, a slider and a list, all reachable by key. */
export class Tools {
  readonly opener: HTMLButtonElement;
  readonly resetter: HTMLButtonElement;
  readonly node = make('div', { class: 'nbt-chart-tools', role: 'group', hidden: '', id: newId() });

  constructor(
    client: ToolsClient,
    private readonly _text: Text,
    stepMetrics: readonly string[]
  ) {
    this.node.setAttribute('aria-label', _text('Chart controls'));
    this.opener = this._button('⋯', () => this._toggle());
    this.opener.setAttribute('aria-label', _text('Chart controls'));
    this.opener.setAttribute('aria-expanded', 'false');
    this.opener.setAttribute('aria-controls', this.node.id);
    this.resetter = this._button(_text('Reset zoom'), () => client.reset());
    this.resetter.hidden = true;
    this._x.onchange = () => client.choose({ x: this._x.value });
    this.offer(stepMetrics);
    this._logX = this._button(_text('log x'), () => client.choose({ isLogX: !isPressed(this._logX) }));
    this._logY = this._button(_text('log y'), () => client.choose({ isLogY: !isPressed(this._logY) }));
    this._ema = make('input', { type: 'range', min: '0', max: '1', step: '0.01' });
    this._ema.oninput = () => client.choose({ ema: weightOf(Number(this._ema.value)) });
    this._table = this._button(_text('Table'), () => client.toggleTable());
    const saves = (['png', 'svg', 'csv'] as const).map(kind => {
      const button = this._button(kind.toUpperCase(), () => client.save(kind));
      button.setAttribute('aria-label', `${_text('Save as')} ${kind.toUpperCase()}`);
      return button;
    });
    const smoothing = make('label', {}, _text('Smoothing'), this._ema, this._weight);
    const help = make('small', { hidden: '' }, `${_text(DRAGGING)} ${_text(KEYS)}`);
    const helper = this._helper(help);
    this.node.append(
      make('label', {}, 'x', this._x), this._logX, this._logY, smoothing, this._table, ...saves, helper, help
    );
  }

  /** Which metrics may be x, beside step and time; what is chosen stays chosen. */
  offer(stepMetrics: readonly string[]): void {
    const { _text: text } = this;
    const usual: [string, string][] = [
      [STEP, text('step')],
      [RELATIVE, text('time since start')],
      [WALL, text('wall time')]
    ];
    const offered = [...usual, ...[...new Set(stepMetrics)].map((name): [string, string] => [name, name])];
    const said = JSON.stringify(offered);
    if (said !== this._offered) {
      this._offered = said;
      const chosen = this._x.value;
      this._x.replaceChildren(...offered.map(([value, label]) => make('option', { value }, label)));
      this._choose(chosen);
    }
  }

  /** Show what is chosen. */
  update(choices: Choices, isZoomed: boolean, isTableOpen: boolean): void {
    this.resetter.hidden = !isZoomed;
    this._choose(choices.x);
    press(this._logX, choices.isLogX);
    press(this._logY, choices.isLogY);
    press(this._table, isTableOpen);
    this._ema.value = String(placeOf(choices.ema));
    const weight = choices.ema === 0 ? this._text('none') : weightText(choices.ema);
    say(this._weight, weight);
    this._ema.setAttribute('aria-valuetext', weight);
  }

  private _toggle(): void {
    this.node.hidden = !this.node.hidden;
    this.opener.setAttribute('aria-expanded', String(!this.node.hidden));
  }

  private _button(label: string, act: () => void): HTMLButtonElement {
    const button = make('button', { type: 'button' }, label);
    button.onclick = act;
    return button;
  }

  /** A metric that was chosen once may not be there yet. */
  private _choose(x: string): void {
    if (x !== '' && ![...this._x.options].some(option => option.value === x)) {
      this._x.append(make('option', { value: x }, x));
    }
    if (x !== '' && this._x.value !== x) {
      this._x.value = x;
    }
  }

  /** What mouse and keys do takes room: it is shown when it is asked for. */
  private _helper(help: HTMLElement): HTMLButtonElement {
    const button = this._button('?', () => {
      help.hidden = !help.hidden;
      button.setAttribute('aria-expanded', String(!help.hidden));
    });
    help.id = newId();
    button.setAttribute('aria-label', this._text('Help with mouse and keys'));
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-controls', help.id);
    return button;
  }

  private _offered = '';
  private readonly _x = make('select');
  private readonly _logX: HTMLButtonElement;
  private readonly _logY: HTMLButtonElement;
  private readonly _table: HTMLButtonElement;
  private readonly _ema: HTMLInputElement;
  private readonly _weight = make('span');
}

function press(button: HTMLButtonElement, is: boolean): void {
  button.setAttribute('aria-pressed', String(is));
}

function isPressed(button: HTMLButtonElement): boolean {
  return button.getAttribute('aria-pressed') === 'true';
}
