/** The picture of a chart as an SVG text, from the geometry that the canvas is painted with. */

import type { Tick } from './axes.js';
import { flagOf, type Picture, signOf, type Stroke, TURN_DASH, TURN_OPACITY } from './picture.js';
import type { Box } from './paint.js';
import type { Theme } from './theme.js';
import type { TurnMark } from './turns.js';

/** What a chart looks like at this moment. Units: pixels. */
export interface Sheet {
  /** Told from those of other pictures in the same document. */
  id: string;
  title: string;
  summary: string;
  width: number;
  height: number;
  box: Box;
  x: Tick[];
  y: Tick[];
  legend: { label: string; color: string; dash: readonly number[] }[];
  picture: Picture;
  theme: Theme;
}

const HEAD = 22;
const LEGEND = 16;

/** Write an SVG without scripts, styles or links; all text is escaped. */
export function svgOf(sheet: Sheet): string {
  const { box, theme, picture } = sheet;
  const isTold = sheet.legend.length > 1;
  const top = HEAD + (isTold ? sheet.legend.length * LEGEND : 0);
  const height = sheet.height + top;
  const color = (name: string): string => escaped(name);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(sheet.width)}" height="${n(height)}" ` +
      `viewBox="0 0 ${n(sheet.width)} ${n(height)}" font-family="${escaped(theme.font)}" font-size="11" role="img">`,
    `<title>${escaped(sheet.title)}</title><desc>${escaped(sheet.summary)}</desc>`,
    `<rect width="100%" height="100%" fill="${color(theme.ground)}"/>`,
    `<text x="8" y="15" font-size="13" fill="${color(theme.text)}">${escaped(sheet.title)}</text>`,
    ...(isTold ? legendOf(sheet) : []),
    `<g transform="translate(${n(box.left)} ${n(box.top + top)})">`,
    ...axesOf(sheet),
    `<clipPath id="${escaped(sheet.id)}"><rect width="${n(box.width)}" height="${n(box.height)}"/></clipPath>`,
    `<g clip-path="url(#${escaped(sheet.id)})" stroke-linejoin="round">`,
    ...picture.turns.map(mark => turnOf(mark, box.height)),
    ...picture.strokes.map(stroke => strokeOf(stroke, box.height)),
    ...picture.best.map(
      ({ left, top: y, color: of }) =>
        `<circle cx="${n(left)}" cy="${n(y)}" r="4.5" fill="${color(theme.ground)}" stroke="${color(of)}" stroke-width="2"/>`
    ),
    '</g></g></svg>'
  ];
  return lines.join('\n');
}

function legendOf({ legend, theme }: Sheet): string[] {
  return legend.map(({ label, color, dash }, i) => {
    const y = HEAD + i * LEGEND + 8;
    const line = `<path d="M8 ${y - 4}H28" stroke="${escaped(color)}" stroke-width="2"${dashed(dash)}/>`;
    return `${line}<text x="34" y="${y}" fill="${escaped(theme.text)}">${escaped(label)}</text>`;
  });
}

function axesOf({ x, y, box, theme }: Sheet): string[] {
  const grid = escaped(theme.grid);
  const text = escaped(theme.text);
  return [
    ...x.map(({ where, label }) => {
      const at = n(where * box.width);
      return (
        `<path d="M${at} 0V${n(box.height)}" stroke="${grid}"/>` +
        `<text x="${at}" y="${n(box.height + 15)}" text-anchor="middle" fill="${text}">${escaped(label)}</text>`
      );
    }),
    ...y.map(({ where, label }) => {
      const at = n((1 - where) * box.height);
      return (
        `<path d="M0 ${at}H${n(box.width)}" stroke="${grid}"/>` +
        `<text x="-6" y="${n((1 - where) * box.height + 4)}" text-anchor="end" fill="${text}">${escaped(label)}</text>`
      );
    })
  ];
}

function turnOf(mark: TurnMark, height: number): string {
  const of = escaped(mark.color);
  const dash = mark.isSegment ? [] : TURN_DASH;
  const flag = mark.isSegment ? `<path d="${path(flagOf(mark, 4))}Z" fill="${of}" fill-opacity="${TURN_OPACITY}"/>` : '';
  const line = `<path d="M${n(mark.left)} 0V${n(height)}" stroke="${of}" stroke-opacity="${TURN_OPACITY}"${dashed(dash)}/>`;
  return line + flag;
}

function strokeOf(stroke: Stroke, height: number): string {
  const { shape, color, dash, opacity, width } = stroke;
  const of = escaped(color);
  const boxes = pairs(shape.boxes, 4).map(
    ([left = 0, top = 0, right = 0, bottom = 0]) =>
      `M${n(left)} ${n(top)}H${n(right)}V${n(Math.max(bottom, top + 1))}H${n(left)}Z`
  );
  const bars = pairs(shape.bars, 3).map(
    ([x = 0, top = 0, bottom = 0]) => `M${n(x)} ${n(top)}V${n(Math.max(bottom, top + 1))}`
  );
  const dots = [shape.dots, shape.points].flatMap((of_, i) =>
    pairs(of_, 2).map(([x = 0, y = 0]) => `<circle cx="${n(x)}" cy="${n(y)}" r="${i === 0 ? 2.5 : 2}" fill="${of}"/>`)
  );
  const signs = shape.marks.flatMap(({ kind, x }) => signOf(kind, x, height, 3.5).map(path));
  return [
    `<g opacity="${opacity}" fill="none" stroke="${of}" stroke-width="${width}">`,
    ...(boxes.length > 0 ? [`<path d="${boxes.join('')}" fill="${of}" fill-opacity="0.3" stroke="none"/>`] : []),
    ...(bars.length > 0 ? [`<path d="${bars.join('')}"/>`] : []),
    ...(shape.lines.length > 0 ? [`<path d="${shape.lines.map(path).join('')}"${dashed(dash)}/>`] : []),
    ...dots,
    '</g>',
    ...(signs.length > 0 ? [`<path d="${signs.join('')}" fill="none" stroke="${of}" stroke-width="1.5"/>`] : [])
  ].join('');
}

function path(line: readonly number[]): string {
  return pairs(line, 2)
    .map(([x = 0, y = 0], i) => `${i === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`)
    .join('');
}

function pairs(values: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.floor(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size)
  );
}

function dashed(dash: readonly number[]): string {
  return dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
