/** Giving the user what a chart shows as a file. */

import { csvOf } from './csv.js';
import { download, newId } from './nodes.js';
import type { Plot } from './plot.js';
import { pngOf } from './png.js';
import { drawScene, type Scene, ticksOf } from './scene.js';
import { svgOf } from './svg.js';
import type { Theme } from './theme.js';

export type FileKind = 'png' | 'svg' | 'csv';

/** A chart at this moment. */
export interface Moment {
  title: string;
  summary: string;
  scene: Scene;
  theme: Theme;
  plot: Plot;
}

/** What is seen, as a picture of pixels. */
export function pngNow({ title, scene, theme, plot }: Moment): Promise<Blob> {
  return pngOf(plot.canvas, title, shownLines(scene), theme, plot.ratio);
}

/** What is seen, as a drawing. */
export function svgNow({ title, summary, scene, theme, plot }: Moment): string {
  const { box, width, height } = plot;
  const picture = drawScene(scene, box.width, box.height);
  const { x, y } = ticksOf(scene, box.width, box.height);
  const id = newId();
  return svgOf({ id, title, summary, width, height, box, x, y, legend: shownLines(scene), picture, theme });
}

/** What is seen, in numbers. */
export function csvNow({ scene }: Moment): string {
  return csvOf(scene);
}

function shownLines({ lines }: Scene): Scene['lines'] {
  return lines.filter(({ isHidden }) => !isHidden);
}

/** Let the user save what is seen. */
export async function save(moment: Moment, kind: FileKind): Promise<void> {
  const content = {
    png: () => pngNow(moment),
    svg: () => new Blob([svgNow(moment)], { type: 'image/svg+xml' }),
    csv: () => new Blob([csvNow(moment)], { type: 'text/csv' })
  };
  download(`${moment.title || 'chart'}.${kind}`, await content[kind]());
}
