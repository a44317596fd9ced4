/** How the lines of runs are drawn where no chart draws them: as their curves are. */
import { dashesFor, dashOf } from '../charts/palette.js';
import { lineColor, type Theme } from '../charts/theme.js';

/** Attributes of a line of SVG. */
export interface Stroke {
  readonly stroke: string;
  readonly 'stroke-dasharray': string;
}

/** The strokes of the first curves. */
export function strokesOf(theme: Theme, n: number): Stroke[] {
  const colors = Array.from({ length: n }, (_, i) => lineColor(theme, i));
  const dashes = theme.isForced ? colors.map((_, i) => dashOf(i)) : dashesFor(colors);
  return dashes.map((dash, i) => ({ stroke: colors[i] ?? theme.text, 'stroke-dasharray': dash.join(' ') }));
}
