/** The box that says what is under the cursor. */

import { RELATIVE, STEP, WALL } from './axes.js';
import { at } from './bins.js';
import { formatCount, formatDuration, formatMoment, formatNumber } from './format.js';
import { binText, type Near } from './hover.js';
import { make, say } from './nodes.js';
import type { When } from './source.js';

type Text = (text: string) => string;

const MAX_ROWS = 12;
/** What a row takes, and what else stands in the box. Units: pixels. */
const ROW = 16;
const REST = 44;

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

/** What is said of a point: its value first. */
export interface TipRow {
  texts: readonly string[];
  color: string;
  isNearest: boolean;
}

/** How many points fit into the box of a plot that is so high. Units: pixels. */
export function rowsIn(height: number): number {
  return Math.max(3, Math.min(MAX_ROWS, Math.floor((height - REST) / ROW)));
}

/** A box beside the cursor. */
export class Tip {
  readonly node = make('div', { class: 'nbt-chart-tip', role: 'tooltip', hidden: '' });

  /** Show points, and what is said below them. */
  show(points: readonly TipRow[], below: readonly string[], left: number, top: number, width: number): void {
    const rows = points.map(point => rowOf(point, points.length > 1));
    this.node.replaceChildren(...rows, ...below.map(text => make('small', {}, text)));
    this.node.hidden = rows.length + below.length === 0;
    const isLeft = left < width / 2;
    this.node.style.left = isLeft ? `${left + 14}px` : '';
    this.node.style.right = isLeft ? '' : `${width - left + 14}px`;
    // A long list ends where the plot ends.
    const room = (this.node.parentElement?.clientHeight ?? 0) - this.node.offsetHeight;
    this.node.style.top = `${Math.max(0, Math.min(top - 12, room > 0 ? room : 0))}px`;
  }

  hide(): void {
    this.node.hidden = true;
  }
}

function rowOf({ texts: [value = '', ...rest], color, isNearest }: TipRow, isOneOfMany: boolean): HTMLElement {
  const row = make('div', isOneOfMany && isNearest ? { class: 'nbt-chart-near' } : {});
  if (isOneOfMany) {
    const swatch = make('i', { 'aria-hidden': 'true' });
    swatch.style.backgroundColor = color;
    row.append(swatch);
  }
  row.append(value, ...(rest.length > 0 ? [make('small', {}, rest.join(' · '))] : []));
  return row;
}

/** A place whose texts are read out. */
export class Voice {
  readonly node = make('div', { class: 'nbt-chart-quiet', 'aria-live': 'polite' });

  say(text: string): void {
    say(this.node, text);
  }
}
