/** Giving the user what a chart shows as a file. */

import { download } from './nodes.js';
import type { ChartHandle } from './types.js';

export type FileKind = 'png' | 'svg' | 'csv';

/** Let the user save what is seen. */
export async function save(
  chart: Pick<ChartHandle, 'exportPng' | 'exportSvg' | 'exportCsv'>, title: string, kind: FileKind
): Promise<void> {
  const content = {
    png: () => chart.exportPng(),
    svg: () => new Blob([chart.exportSvg()], { type: 'image/svg+xml' }),
    csv: () => new Blob([chart.exportCsv()], { type: 'text/csv' })
  };
  download(`${title || 'chart'}.${kind}`, await content[kind]());
}
