/** From a run to the notebook that it was recorded in, and to the cell. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { reason, type Words } from '../run/index.js';
import type { RunName } from '../wire/client.js';
import type { CellInfo } from '../wire/types.js';
import type { Server } from './server.js';

/** What a jump needs. */
export interface Ground {
  readonly app: JupyterFrontEnd;
  readonly notebooks: INotebookTracker | null;
  readonly server: Server;
  readonly words: Words;
}

/** Goes to the cell of an execution; without one, to the cell that logged the run's first row. */
export async function jumpToCell(
  ground: Ground,
  store: string,
  run: RunName,
  execution: string | null
): Promise<void> {
  const { server, words } = ground;
  try {
    const [detail, cells] = await Promise.all([
      server.client.run(store, run),
      server.client.cells(store, run)
    ]);
    const cell =
      cells.find(one => one.execution === execution) ?? cells.find(one => one.n_rows > 0) ?? cells[0];
    if (cell === undefined) {
      Notification.info(words.__('This run was not recorded in a notebook.'));
      return;
    }
    const open = find(ground, cell, detail.notebook);
    const panel = open ?? (await offerToOpen(ground, detail.notebook));
    if (panel !== null) {
      await panel.context.ready;
      await show(ground, panel, cell);
    }
  } catch (error) {
    Notification.error(reason(error).slice(0, 135));
  }
}

/** An open notebook that has the cell, else the one of the run. */
function find({ notebooks }: Ground, cell: CellInfo, notebook: string | null): NotebookPanel | null {
  const panels: NotebookPanel[] = [];
  notebooks?.forEach(panel => panels.push(panel));
  const isRuns = (panel: NotebookPanel): boolean => isPathOf(panel.context.localPath, notebook);
  // A copy of a notebook has cells of the same ids: that of the run goes first.
  panels.sort((a, b) => Number(isRuns(b)) - Number(isRuns(a)));
  return panels.find(panel => indexOf(panel, cell) >= 0) ?? panels.find(isRuns) ?? null;
}

/** Whether a path below the server's folder is the end of a whole path. */
export function isPathOf(local: string, whole: string | null): boolean {
  return whole !== null && local !== '' && (whole === local || whole.endsWith(`/${local}`));
}

/** By its id; else by its prompt, if its source is the same still. */
function indexOf({ content }: NotebookPanel, { cell_id, count, source }: CellInfo): number {
  const byId = content.widgets.findIndex(widget => widget.model.id === cell_id);
  return byId >= 0 || count === null
    ? byId
    : content.widgets.findIndex(({ model }) => {
        const isCode = model.type === 'code' && Reflect.get(model, 'executionCount') === count;
        return isCode && (source === null || model.sharedModel.getSource() === source);
      });
}

async function show({ app, words }: Ground, panel: NotebookPanel, cell: CellInfo): Promise<void> {
  app.shell.activateById(panel.id);
  const index = indexOf(panel, cell);
  if (index < 0) {
    Notification.warning(words.__('The cell is not in this notebook any more.'));
    return;
  }
  panel.content.deselectAll();
  panel.content.activeCellIndex = index;
  await panel.content.scrollToItem(index, 'smart');
}

async function offerToOpen(
  { app, words }: Ground,
  notebook: string | null
): Promise<NotebookPanel | null> {
  const path = notebook === null ? null : await pathBelowRoot(app, notebook);
  if (path === null) {
    const where = notebook ?? words.__('unknown');
    Notification.warning(words.__('The notebook of this run is not open: %1', where).slice(0, 135));
    return null;
  }
  const { button } = await showDialog({
    title: words.__('Open the notebook?'),
    body: path,
    buttons: [
      Dialog.cancelButton({ label: words.__('Cancel') }),
      Dialog.okButton({ label: words.__('Open') })
    ]
  });
  const opened: unknown = button.accept ? await app.commands.execute('docmanager:open', { path }) : null;
  return typeof opened === 'object' && opened !== null && 'content' in opened
    ? (opened as NotebookPanel)
    : null;
}

/** Where the server has the notebook: the longest end of the path that there is below its root. */
async function pathBelowRoot(app: JupyterFrontEnd, notebook: string): Promise<string | null> {
  const root = PageConfig.getOption('serverRoot').replace(/^~/, '');
  const at = root === '' ? -1 : notebook.indexOf(`${root}/`);
  const path = at < 0 ? notebook.replace(/^\/+/, '') : notebook.slice(at + root.length + 1);
  try {
    return (await app.serviceManager.contents.get(path, { content: false })).path;
  } catch {
    return null;
  }
}
