/** What can be done with runs, for the palette, the context menu, and keys. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { Words } from '../run/index.js';
import { nameOf } from '../sidebar/lines.js';
import type { RunsPanel } from '../sidebar/panel.js';
import { MAX_COMPARED } from '../sidebar/selection.js';
import type { RunName } from '../wire/client.js';
import type { RunRow } from '../wire/types.js';
import { parseNames, type Edits } from './edits.js';

/** What commands act on. */
export interface Acting {
  readonly words: Words;
  readonly icon: LabIcon;
  readonly edits: Edits;
  panel(): RunsPanel;
  showPanel(): void;
  open(store: string, runs: readonly RunName[]): Promise<void>;
  jump(store: string, run: RunName): Promise<void>;
  copy(text: string): void;
}

interface Command {
  readonly name: string;
  readonly label: string;
  /** Whether it stands in the palette; what needs a run stands in the context menu alone. */
  readonly isInPalette?: boolean;
  readonly icon?: LabIcon;
  isEnabled?(): boolean;
  isVisible?(): boolean;
  execute(args: Record<string, unknown>): unknown;
}

const STORE = /^(default|[0-9a-f]{16})$/;

/** Adds the commands, all named `nbtracker:...`. */
export function addCommands(
  app: JupyterFrontEnd,
  palette: ICommandPalette | null,
  acting: Acting
): void {
  for (const { name, label, isInPalette, icon, isEnabled, isVisible, execute } of commandsOf(acting)) {
    const command = `nbtracker:${name}`;
    app.commands.addCommand(command, {
      label,
      ...(icon === undefined ? {} : { icon }),
      ...(isEnabled === undefined ? {} : { isEnabled: () => isEnabled() }),
      ...(isVisible === undefined ? {} : { isVisible: () => isVisible() }),
      // Arguments come from layouts and links: nothing in them is believed.
      execute: args => execute(args as Record<string, unknown>),
      describedBy: { args: { type: 'object', properties: {} } }
    });
    if (isInPalette === true) {
      palette?.addItem({ command, category: 'nbtracker' });
    }
  }
}

function commandsOf(acting: Acting): Command[] {
  return [...panelCommands(acting), ...runCommands(acting), ...editCommands(acting)];
}

function panelCommands({ words, icon, panel, showPanel }: Acting): Command[] {
  return [
    { name: 'show-panel', label: words.__('Show the runs'), isInPalette: true, icon, execute: showPanel },
    {
      name: 'focus-filter',
      label: words.__('Filter the runs'),
      isInPalette: true,
      execute: () => {
        showPanel();
        panel().filter.focus();
      }
    },
    {
      name: 'refresh',
      label: words.__('Ask for the runs again'),
      isInPalette: true,
      execute: () => panel().model.refresh()
    }
  ];
}

function runCommands(acting: Acting): Command[] {
  const { words, panel, open, jump, copy } = acting;
  const store = (): string => panel().choices.store;
  const first = (): RunRow | undefined => rowsOf(panel())[0];
  return [
    {
      name: 'open-run',
      label: words.__('Open the run'),
      isInPalette: true,
      execute: args => {
        const runs = 'runs' in args ? args['runs'] : rowsOf(panel()).slice(0, 1).map(nameOf);
        const said = args['store'];
        const where = typeof said === 'string' && STORE.test(said) ? said : store();
        return open(where, parseNames(runs).slice(0, MAX_COMPARED));
      }
    },
    {
      name: 'compare',
      label: words.__('Compare the selected runs'),
      isInPalette: true,
      isEnabled: () => panel().list.selection.names.size > 1,
      execute: () => panel().compare()
    },
    {
      name: 'go-to-cell',
      label: words.__('Go to the cell of the run'),
      isInPalette: true,
      isEnabled: () => first() !== undefined,
      execute: () => {
        const row = first();
        return row && jump(store(), row);
      }
    },
    {
      name: 'copy-name',
      label: words.__('Copy project and id'),
      isEnabled: () => first() !== undefined,
      execute: () => copy(rowsOf(panel()).map(nameOf).join('\n'))
    }
  ];
}

function editCommands({ words, edits, panel }: Acting): Command[] {
  const rows = (): RunRow[] => rowsOf(panel());
  const hasAny = (): boolean => rows().length > 0;
  return [
    {
      name: 'rename',
      label: words.__('Rename'),
      isEnabled: () => rows().length === 1,
      execute: () => panel().list.renameActive()
    },
    { name: 'edit-tags', label: words.__('Change tags …'), isEnabled: hasAny, execute: () => edits.editTags(rows()) },
    {
      name: 'edit-notes',
      label: words.__('Change notes …'),
      isEnabled: () => rows().length === 1,
      execute: () => {
        const [row] = rows();
        return row && edits.editNotes(row);
      }
    },
    {
      name: 'stop',
      label: words.__('Stop after this step …'),
      isInPalette: true,
      isEnabled: () => rows().some(row => row.state === 'running'),
      execute: () => edits.stop(rows())
    },
    {
      name: 'checkpoint',
      label: words.__('Ask for a checkpoint now'),
      isInPalette: true,
      isEnabled: () => rows().some(row => row.state === 'running'),
      execute: () => edits.checkpoint(rows())
    },
    {
      name: 'archive',
      label: words.__('Archive'),
      isVisible: () => rows().some(row => !row.archived),
      isEnabled: hasAny,
      execute: () => edits.archive(rows().filter(row => !row.archived), true)
    },
    {
      name: 'unarchive',
      label: words.__('Take out of the archive'),
      isVisible: () => rows().some(row => row.archived),
      isEnabled: hasAny,
      execute: () => edits.archive(rows().filter(row => row.archived), false)
    },
    {
      name: 'delete',
      label: words.__('Move to the trash'),
      isEnabled: hasAny,
      execute: () => edits.remove(rows())
    }
  ];
}

/** What a command is about: the selected runs, or else the one that the keyboard is on. */
function rowsOf({ list }: RunsPanel): RunRow[] {
  const { activeRow, selectedRows } = list.selecting;
  return selectedRows.length === 0 && activeRow !== undefined ? [activeRow] : selectedRows;
}

