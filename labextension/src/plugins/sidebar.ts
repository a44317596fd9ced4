/** The panel of runs in the left area, and runs in the main area. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette, WidgetTracker, type MainAreaWidget } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import { readKept, type Choices } from '../sidebar/choices.js';
import { nameOf } from '../sidebar/lines.js';
import { RunsPanel } from '../sidebar/panel.js';
import type { RunName } from '../wire/client.js';
import { addCommands } from './commands.js';
import { Edits, parseNames } from './edits.js';
import { jumpToCell, type Jump } from './jump.js';
import { PanelWidget } from './panelWidget.js';
import { findPage, pageOf, type PageOptions, type RunPage } from './runPages.js';
import { markRunningCells } from './runningCells.js';
import { sayWhy } from './saying.js';
import { serverOf } from './server.js';

const ID = 'nbtracker:panel';
const STATE = 'nbtracker:panel';
// Another prefix than that of STATE: what a tracker does not know below its own, it removes.
const PAGES = 'nbtracker-pages';
const KEEP_MS = 500;
const RANK = 350;

const icon = new LabIcon({
  name: 'nbtracker:runs',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16"><path class="jp-icon3" ' +
    'fill="#616161" d="M3 3h2v16h16v2H3zm4 11.5 4-5.5 4 3.5L20.4 5l1.6 1.2-6.6 9.3-4-3.5-2.8 3.8z"/></svg>'
});

/** Adds the panel, its commands, and what keeps both over a reload. */
export const sidebar: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Lists runs beside notebooks.',
  autoStart: true,
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, INotebookTracker, ISettingRegistry, IStateDB, ITranslator],
  activate
};

function activate(
  app: JupyterFrontEnd,
  labShell: ILabShell | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  notebooks: INotebookTracker | null,
  registry: ISettingRegistry | null,
  stateDb: IStateDB | null,
  translator: ITranslator | null
): void {
  const words = (translator ?? nullTranslator).load('nbtracker');
  const server = serverOf(app.serviceManager);
  const tracker = new WidgetTracker<MainAreaWidget<RunPage>>({ namespace: PAGES });
  const jump = (to: Jump): Promise<void> => jumpToCell({ app, notebooks, server, words }, to);
  const pages: PageOptions = {
    server,
    words,
    baseUrl: app.serviceManager.serverSettings.baseUrl,
    onCell: (store, run, execution) => void jump({ store, run, execution }),
    onOpen: (store, run) => void open(store, [run])
  };

  const open = (store: string, runs: readonly RunName[]): Promise<void> =>
    runs.length === 0 ? Promise.resolve() : show(store, runs).catch(sayWhy);

  const show = async (store: string, runs: readonly RunName[]): Promise<void> => {
    let page = findPage(tracker, store, runs);
    if (page === undefined) {
      page = pageOf(store, runs, pages);
      page.title.icon = icon;
      // Notebook 7 has room for one document in its main area, and a place below it for the rest.
      page.content.toggleClass('nbt-below', labShell === null);
      app.shell.add(page, labShell === null ? 'down' : 'main');
      await tracker.add(page);
    }
    app.shell.activateById(page.id);
  };

  const copy = (text: string): void => Clipboard.copyToSystem(text);
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const panel = new RunsPanel({
    ...server,
    words,
    copy,
    askIndexing: store => server.client.indexing(store),
    onOpen: row => void open(panel.choices.store, [row]),
    onCompare: names => void open(panel.choices.store, parseNames(names)),
    onRename: (row, name) => void edits.edit(row, { name }),
    onKeep: () => {
      useStore();
      keeping ??= setTimeout(() => {
        keeping = undefined;
        const kept = panel.kept as unknown as ReadonlyPartialJSONValue;
        // What could not be kept is chosen again after a reload.
        stateDb?.save(STATE, kept).catch(() => undefined);
      }, KEEP_MS);
    }
  });
  let [used, release] = ['', (): void => undefined];
  const useStore = (): void => {
    const { store } = panel.choices;
    if (store !== used) {
      release();
      [used, release] = [store, server.inUse.use(store)];
    }
  };
  const edits = new Edits(server, () => panel, words);
  const widget = new PanelWidget(panel, icon, words);
  app.shell.add(widget, 'left', { rank: RANK, type: words.__('Runs') });
  restorer?.add(widget, widget.id);
  if (restorer !== null) {
    const restored = restorer.restore(tracker, {
      command: 'nbtracker:open-run',
      args: ({ content }) => ({ store: content.store, runs: content.runs.map(nameOf) }),
      name: ({ id }) => id
    });
    restored.catch(sayWhy);
  }
  addCommands(app, palette, {
    words,
    icon,
    edits,
    open,
    copy,
    panel: () => panel,
    showPanel: () => app.shell.activateById(widget.id),
    jump: (store, run) => jump({ store, run })
  });
  begin(app, panel, registry, stateDb, isMarking => {
    unmark?.();
    unmark = isMarking && notebooks !== null ? markRunningCells(server, notebooks) : null;
  }).catch(sayWhy);
  let unmark: (() => void) | null = null;
}

/** What was kept is there before the first question is asked. */
async function begin(
  app: JupyterFrontEnd,
  panel: RunsPanel,
  registry: ISettingRegistry | null,
  stateDb: IStateDB | null,
  mark: (isMarking: boolean) => void
): Promise<void> {
  const [settings, kept] = await Promise.all([
    registry?.load(ID).catch(() => null),
    app.restored.then(() => stateDb?.fetch(STATE)).catch(() => undefined)
  ]);
  const chosen = (settings?.composite ?? {}) as Partial<Choices>;
  panel.start(kept, readKept({ choices: { group: chosen.group, columns: chosen.columns } }).choices);
  const apply = (): void => mark(settings?.composite['markRunningCells'] !== false);
  settings?.changed.connect(apply);
  apply();
}
