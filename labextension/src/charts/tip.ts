/** The box that says what is under the cursor. */

import { RELATIVE, STEP, WALL } from './axes.js';
import { at } from './bins.js';
import { formatCount, formatDuration, formatMoment, formatNumber } from './format.js';
import { binText, type Near } from './hover.js';
import { make, say } from './nodes.js';
import type { When } from './source.js';

type Text = (text: string) => string;

const MAX_ROWS = 8;

/** What is known of a point beside its value. */
export interface Told {
  label: string;
  near: Near;
  cell: string | null;
  when: When | null;
}

/** Say where x is: `step 7`, `steps 8 … 15`, a time, or a moment. */
export function xText(x: string, first: number, last: number, text: Text): string {
  const spell = x === WALL ? formatMoment : x === RELATIVE ? formatDuration : (v: number) => formatNumber(v, 6);
  const range = first === last || Number.isNaN(last) ? spell(first) : `${spell(first)} … ${spell(last)}`;
  if (x === WALL || x === RELATIVE) {
    return range;
  }
  return `${x === STEP ? text('step') : x} ${range}`;
}

/** Say everything about a point, one text a line. */
export function tellPoint(told: Told, x: string, text: Text): string[] {
  const { bins, i } = told.near;
  const lines = [
    `${told.label}: ${binText(bins, i, text)}`,
    xText(x, at(bins.xFirst, i), at(bins.xLast, i), text)
  ];
  if (told.when !== null) {
    const { step, moment } = told.when;
    lines.push(...(x === STEP ? [] : [xText(STEP, step[0], step[1], text)]));
    lines.push(...(x === WALL ? [] : [xText(WALL, moment[0], moment[1], text)]));
  }
  if (told.near.segment > 0) {
    lines.push(`${text('segment')} ${formatCount(told.near.segment)}`);
  }
  return told.cell === null ? lines : [...lines, told.cell];
}

/** A box beside the cursor. */
export class Tip {
  readonly node = make('div', { class: 'nbt-chart-tip', role: 'tooltip', hidden: '' });

  /** Show points, the nearest first. */
  show(points: readonly string[][], left: number, top: number, width: number): void {
    const rows = points.slice(0, MAX_ROWS).map(([value = '', ...rest]) =>
      make('div', {}, value, make('small', {}, rest.join(' · ')))
    );
    this.node.replaceChildren(...rows);
    this.node.hidden = rows.length === 0;
    const isLeft = left < width / 2;
    this.node.style.left = isLeft ? `${left + 14}px` : '';
    this.node.style.right = isLeft ? '' : `${width - left + 14}px`;
    this.node.style.top = `${Math.max(0, top - 12)}px`;
  }

  hide(): void {
    this.node.hidden = true;
  }
}

/** A place whose texts are read out. */
export class Voice {
  readonly node = make('div', { class: 'nbt-chart-quiet', 'aria-live': 'polite' });

  say(text: string): void {
    say(this.node, text);
  }
}
