/** Charts of metrics: pure drawing, without Jupyter. */

import { Chart } from './chart.js';
import type { ChartHandle, ChartOptions, ChartSource } from './types.js';

export { Together } from './together.js';
export type {
  ChartChange, ChartHandle, ChartOptions, ChartSource, ChartStorage, ChartWords, SharedLook, SharedNews, SharedView, XPart
} from './types.js';

/** Put a chart of one or several runs at the end of `host`; it follows what the feeds tell. */
export function mountChart(
  host: HTMLElement, sources: readonly ChartSource[], options: ChartOptions = {}
): ChartHandle {
  return new Chart(host, sources, options);
}
