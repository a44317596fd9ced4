/** From a point of a curve to the cell that made it. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

import type { Feed } from '../wire/feed.js';

/** Shows the cell of an execution, if a notebook that is open has it; the output's own first. */
export async function goToCell(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker | null,
  output: Widget | null,
  execution: string,
  feed: Feed
): Promise<void> {
  const cells = await feed.cells().catch(() => []);
  const cellId = cells.find(cell => cell.execution === execution)?.cell_id;
  if (!cellId || notebooks === null) {
    return;
  }
  for (const panel of panelsOf(notebooks, output)) {
    const index = panel.content.widgets.findIndex(cell => cell.model.id === cellId);
    if (index >= 0) {
      app.shell.activateById(panel.id);
      panel.content.activeCellIndex = index;
      await panel.content.scrollToItem(index, 'smart');
      return;
    }
  }
}

function panelsOf(notebooks: INotebookTracker, output: Widget | null): NotebookPanel[] {
  const panels: NotebookPanel[] = [];
  notebooks.forEach(panel => panels.push(panel));
  const isOwn = (panel: NotebookPanel): boolean => output !== null && panel.node.contains(output.node);
  return panels.sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
}
