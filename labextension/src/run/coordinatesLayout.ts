/** Where the axes of parallel coordinates stand, and what they are drawn with. */
import { type Axis, FOOT } from './coordinatesScale.js';

/** Places in a picture. Units: pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The least and the largest height of a name beside the last axis. */
  readonly rows: readonly [number, number];
  /** Where an axis stands. */
  x(axis: number): number;
  /** Where a place of an axis is. */
  y(where: number): number;
  /** Which place of an axis is here. */
  placeAt(y: number): number;
  /** How many letters have room to the left of an axis, and above it. */
  letters(axis: number): number;
  lettersAbove(): number;
}

/** Units: pixels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [80, 150, 36, 12] as const;
const LEAST_GAP = 100;
const LETTER = 6.4;
const GRIP = 22;
/** What is taken where nothing is laid out yet. */
const USUAL = { width: 640, height: 280 };

/** The height of a line of text. Units: pixels. */
export const LINE = 13;
/** How many letters of a run's name have room. */
export const NAME_LETTERS = Math.floor((RIGHT - 22) / LETTER);

/** Share the room of an element among axes; what has too little is scrolled. */
export function layoutIn({ clientWidth, clientHeight }: Element, axes: readonly Axis[]): Layout {
  const [n, height] = [axes.length, clientHeight || USUAL.height];
  const width = Math.max(clientWidth || USUAL.width, LEFT + RIGHT + (n - 1) * LEAST_GAP);
  const low = axes.some(({ foot }) => foot !== '') ? FOOT : 0;
  const span = (height - TOP - BOTTOM) / (1 - low);
  const gap = n > 1 ? (width - LEFT - RIGHT) / (n - 1) : LEAST_GAP;
  return {
    width,
    height,
    rows: [TOP - LINE / 2, height - LINE / 2],
    x: axis => Math.round(LEFT + axis * gap),
    y: where => Math.round(10 * (TOP + (1 - where) * span)) / 10,
    placeAt: y => Math.min(1, Math.max(low, 1 - (y - TOP) / span)),
    letters: axis => lettersIn(axis === 0 ? LEFT - 9 : gap - 14),
    lettersAbove: () => lettersIn(Math.min(2 * LEFT, gap) - 8)
  };
}

function lettersIn(width: number): number {
  return Math.max(1, Math.floor(width / LETTER));
}

/** An axis with its name, its ticks, and what its foot stands for. */
export function axisNode(axis: Axis, i: number, { x: across, y: down, letters, lettersAbove }: Layout): SVGGElement {
  const x = across(i);
  const key = { x, y: 14, class: 'nbt-across-key', 'text-anchor': 'middle' };
  const below = axis.foot === '' ? [] : [{ where: FOOT, label: axis.foot }];
  let last = Infinity;
  const ticks = [...axis.ticks, ...below].sort((a, b) => a.where - b.where).flatMap(({ where, label }) => {
    const y = down(where);
    if (last - y < LINE) {
      return [];
    }
    last = y;
    const text = { x: x - 7, y: y + 4, 'text-anchor': 'end', class: where < 0 ? 'nbt-across-foot' : 'nbt-across-tick' };
    return [drawn('path', { d: `M${x - 4} ${y}H${x}` }), said(label, letters(i), text)];
  });
  const foot = below.map(() => drawn('path', { d: `M${x} ${down(0)}V${down(FOOT)}`, 'stroke-dasharray': '2 3' }));
  const line = drawn('path', { d: `M${x} ${down(1)}V${down(0)}` });
  return drawn('g', {}, said(axis.key, lettersAbove(), key, true), line, ...foot, ...ticks);
}

/** What of an axis is taken hold of. */
export function gripNode(i: number, { x, height }: Layout): SVGRectElement {
  const top = TOP - BOTTOM / 2;
  return drawn('rect', { x: x(i) - GRIP / 2, y: top, width: GRIP, height: Math.max(0, height - top), 'data-axis': i });
}

type Given = Readonly<Record<string, string | number>>;

/** Sets attributes. */
export function put(target: Element, given: Given): void {
  Object.entries(given).forEach(([name, value]) => target.setAttribute(name, String(value)));
}

/** Makes an element of a picture. */
export function drawn<K extends keyof SVGElementTagNameMap>(tag: K, given: Given, ...children: Node[]): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  put(made, given);
  made.append(...children);
  return made;
}

/** A text of at most so many letters; the whole of it as a title if it was shortened or if asked for. */
export function said(text: string, most: number, given: Given, hasTitle = false): SVGTextElement {
  const made = drawn('text', given);
  const letters = [...text.slice(0, 2 * most + 2)];
  const isShort = letters.length <= most;
  made.textContent = isShort ? text : `${letters.slice(0, Math.max(1, most - 1)).join('')}…`;
  if (!isShort || hasTitle) {
    const title = drawn('title', {});
    title.textContent = text;
    made.append(title);
  }
  return made;
}
