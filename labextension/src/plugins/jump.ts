/** From a run, or a point of its curve, to the cell that made it. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

import type { Words } from '../run/index.js';
import type { RunName } from '../wire/client.js';
import { cellMeant, findCell, hasChanged, type OpenCell, type OpenNotebook } from './cells.js';
import { say, sayWhy } from './saying.js';
import type { Server } from './server.js';

/** What a jump needs. */
export interface Ground {
  readonly app: JupyterFrontEnd;
  readonly notebooks: INotebookTracker | null;
  readonly server: Server;
  readonly words: Words;
}

/** Where a jump leads, and where it begins. */
export interface Jump {
  readonly store: string;
  readonly run: RunName;
  /** Without one, the cell that logged the run's first row is meant. */
  readonly execution?: string;
  /** The output that it begins in: a copy of the run's notebook may hold it. */
  readonly output?: Widget;
}

/** Goes to a cell; says why where that is not possible. Never rejects. */
export async function jumpToCell(ground: Ground, jump: Jump): Promise<void> {
  const { server, words } = ground;
  const { store, run, execution = null, output = null } = jump;
  try {
    const [detail, cells] = await Promise.all([
      server.client.run(store, run),
      server.client.cells(store, run)
    ]);
    const cell = cellMeant(cells, execution);
    if (cell === undefined) {
      say(
        cells.length === 0
          ? words.__('This run was not recorded in a notebook.')
          : words.__('This cell is not among the recorded ones any more.')
      );
      return;
    }
    let found = findCell(openNotebooks(ground, output), cell, detail.notebook);
    if (found === null) {
      const opened = await offerToOpen(ground, detail.notebook);
      await opened?.context.ready;
      found = opened && findCell([openNotebook(opened, output)], cell, opened.context.localPath);
    }
    if (found !== null) {
      await show(ground, found.notebook.panel, found.index);
      if (hasChanged(found, cell)) {
        say(words.__('This cell has changed since; what it was is on the page Cells of its run.'));
      }
    }
  } catch (error) {
    sayWhy(error);
  }
}

interface Open extends OpenNotebook {
  readonly panel: NotebookPanel;
}

function openNotebooks({ notebooks }: Ground, output: Widget | null): Open[] {
  const found: Open[] = [];
  notebooks?.forEach(panel => found.push(openNotebook(panel, output)));
  return found;
}

function openNotebook(panel: NotebookPanel, output: Widget | null): Open {
  return {
    panel,
    path: panel.context.localPath,
    isOwn: output !== null && panel.node.contains(output.node),
    cells: panel.content.widgets.map(({ model }): OpenCell => {
      const count: unknown = model.type === 'code' ? Reflect.get(model, 'executionCount') : null;
      return {
        id: model.id,
        count: typeof count === 'number' ? count : null,
        // Only asked for where the prompt is the same: a source is put together anew each time.
        get source() {
          return model.sharedModel.getSource();
        }
      };
    })
  };
}

async function show({ app, words }: Ground, panel: NotebookPanel, index: number | null): Promise<void> {
  app.shell.activateById(panel.id);
  if (index === null) {
    say(words.__('The cell is not in this notebook any more.'), 'warning');
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
    say(words.__('The notebook of this run is not open: %1', where), 'warning');
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
