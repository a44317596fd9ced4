/** The names of the lines of a chart: each hides and shows its line. */

import { make } from './nodes.js';
import type { Line } from './picture.js';

/** What the names do. Lines are told by their place. */
export interface LegendClient {
  toggle(line: number): void;
  /** Show this line alone. */
  single(line: number): void;
}

/** A list of names, each with its line; one line alone needs none. */
export class Legend {
  readonly node = make('ul', { class: 'nbt-chart-legend', hidden: '' });

  constructor(private readonly _client: LegendClient, text: (text: string) => string) {
    this._help = text('Click to hide or show; Alt or Ctrl and click to show it alone');
  }

  /** Show lines. */
  update(lines: readonly Line[]): void {
    const said = JSON.stringify(lines.map(({ label, color, dash }) => [label, color, dash]));
    this.node.hidden = lines.length < 2;
    if (said !== this._said) {
      this._said = said;
      this._buttons = lines.map((line, i) => this._button(line, i));
      this.node.replaceChildren(...this._buttons.map(button => make('li', {}, button)));
    }
    // A button that stays keeps the focus.
    lines.forEach(({ isHidden }, i) => this._buttons[i]?.setAttribute('aria-pressed', String(!isHidden)));
  }

  private _button(line: Line, i: number): HTMLButtonElement {
    const button = make('button', { type: 'button', title: this._help }, sample(line), line.label);
    button.onclick = event => (isAlone(event) ? this._client.single(i) : this._client.toggle(i));
    button.onkeydown = event => {
      if (event.key !== 'Enter' && event.key !== ' ') {
        return;
      }
      // Lab and the notebook have commands of their own on these keys.
      event.stopPropagation();
      if (isAlone(event)) {
        event.preventDefault();
        this._client.single(i);
      }
    };
    return button;
  }

  private readonly _help: string;
  private _buttons: HTMLButtonElement[] = [];
  private _said = '';
}

function isAlone(event: MouseEvent | KeyboardEvent): boolean {
  return event.altKey || event.ctrlKey || event.metaKey;
}

function sample({ color, dash }: Line): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const line = document.createElementNS(space, 'path');
  const attributes = { width: '28', height: '8', 'aria-hidden': 'true' };
  Object.entries(attributes).forEach(([key, value]) => svg.setAttribute(key, value));
  line.setAttribute('d', 'M0 4H28');
  line.setAttribute('stroke', color);
  line.setAttribute('stroke-width', '2');
  line.setAttribute('stroke-dasharray', dash.join(' '));
  svg.append(line);
  return svg;
}
