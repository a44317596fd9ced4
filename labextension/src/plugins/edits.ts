/** Changes of runs: asked for in dialogs, made by the server, taken back where that is possible. */
import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { element } from '../run/elements.js';
import type { Words } from '../run/index.js';
import { nameOf } from '../sidebar/lines.js';
import type { RunsPanel } from '../sidebar/panel.js';
import { parseRunName, type RunName } from '../wire/client.js';
import type { Edit, RunRow } from '../wire/types.js';
import { isCut } from './cutTexts.js';
import { say, sayWhy, shorten } from './saying.js';
import type { Server } from './server.js';
import { changeTags, commonTags, tagChanges } from './tags.js';

/** How long a deletion can be taken back by its notification. */
const UNDO_MS = 20_000;
const MAX_NAMED = 40;

/** Edits runs of the store that a panel shows. */
export class Edits {
  constructor(
    private readonly _server: Server,
    private readonly _panel: () => RunsPanel,
    private readonly _words: Words
  ) {}

  /** Changes a run, and shows what the server made of it. */
  async edit(run: RunName & Partial<Pick<RunRow, 'name'>>, edit: Edit): Promise<void> {
    if (edit.name !== undefined && isCut('name', run.name ?? null) && !(await this._replacesAll(edit.name))) {
      return;
    }
    await this._try(async () => {
      this._panel().put(await this._server.client.edit(this._store, run, edit));
    });
  }

  /** Asks for the tags that runs have in common; others stay. */
  async editTags(rows: readonly RunRow[]): Promise<void> {
    const [store, shown] = [this._store, commonTags(rows).join(', ')];
    const { value } = await InputDialog.getText({
      title: this._title(this._words.__('Tags'), rows),
      label:
        rows.length > 1
          ? this._words.__('Tags of all these runs, separated by commas; their other tags stay')
          : this._words.__('Separated by commas'),
      text: shown
    });
    const changes = tagChanges(shown, value ?? shown);
    if (changes.added.length + changes.removed.length > 0) {
      await this._each(rows, row =>
        this._try(async () => {
          const run = await changeTags(this._server.client, store, row, changes);
          if (run !== null) {
            this._panel().put(run);
          }
        })
      );
    }
  }

  /** Asks for the notes of a run. */
  async editNotes(row: RunRow): Promise<void> {
    if (isCut('notes', row.notes)) {
      say(this._words.__('These notes are too long to be edited here: only their beginning is known. Change them in Python.'), 'warning');
      return;
    }
    const { value, button } = await showDialog({
      title: this._title(this._words.__('Notes'), [row]),
      body: new TextBody(this._words.__('What should be remembered of this run'), row.notes ?? ''),
      buttons: [
        Dialog.cancelButton({ label: this._words.__('Cancel') }),
        Dialog.okButton({ label: this._words.__('Keep') })
      ],
      focusNodeSelector: 'textarea'
    });
    if (button.accept && value !== null && value !== (row.notes ?? '')) {
      await this.edit(row, { notes: value === '' ? null : value });
    }
  }

  /** Hides runs from the list, or shows them again. */
  async archive(rows: readonly RunRow[], archived: boolean): Promise<void> {
    await this._each(rows, row => this.edit(row, { archived }));
  }

  /** Moves runs to the trash, and says how to get them back. */
  async remove(rows: readonly RunRow[]): Promise<void> {
    const store = this._store;
    const trashed: string[] = [];
    await this._each(rows, row =>
      this._try(async () => {
        trashed.push((await this._server.client.remove(store, row)).trash);
        this._panel().list.selection.names.delete(nameOf(row));
      })
    );
    this._panel().model.refresh();
    if (trashed.length > 0) {
      const [first] = rows;
      const said =
        trashed.length === 1 && first !== undefined
          ? this._words.__('Run %1 is in the trash.', shorten(first.name, MAX_NAMED))
          : this._words.__('%1 runs are in the trash.', trashed.length);
      const undo = { label: this._words.__('Undo'), callback: () => void this._restore(store, trashed) };
      Notification.info(said, { autoClose: UNDO_MS, actions: [undo] });
    }
  }

  /** Asks runs to end when they log next. */
  async stop(rows: readonly RunRow[]): Promise<void> {
    const running = rows.filter(row => row.state === 'running');
    if (running.length === 0) {
      return;
    }
    const { button } = await showDialog({
      title: this._title(this._words.__('Stop'), running),
      body: this._words.__('The run ends when it logs next. What was recorded stays.'),
      buttons: [
        Dialog.cancelButton({ label: this._words.__('Cancel') }),
        Dialog.warnButton({ label: this._words.__('Stop') })
      ]
    });
    if (button.accept) {
      await this._each(running, row =>
        this._try(async () => {
          await this._server.client.stop(this._store, row);
          this._panel().list.stopping.add(nameOf(row));
        })
      );
      this._panel().list.draw();
    }
  }

  /** Asks runs to save their work; whether they do is up to their code. */
  async checkpoint(rows: readonly RunRow[]): Promise<void> {
    const asked: RunRow[] = [];
    await this._each(
      rows.filter(row => row.state === 'running'),
      row =>
        this._try(async () => {
          await this._server.client.checkpoint(this._store, row);
          asked.push(row);
        })
    );
    if (asked.length > 0) {
      const said = this._words.__('the run sees it when it logs next; run.checkpoint_requested tells it');
      say(`${this._title(this._words.__('Checkpoint'), asked)}: ${said}`);
    }
  }

  /** Whether a name may take the place of one of which only the beginning was shown. */
  private async _replacesAll(name: string): Promise<boolean> {
    const { button } = await showDialog({
      title: this._words.__('Replace the whole name?'),
      body: this._words.__('The name of this run is longer than what was shown of it. All of it becomes: %1', shorten(name, 200)),
      buttons: [
        Dialog.cancelButton({ label: this._words.__('Cancel') }),
        Dialog.warnButton({ label: this._words.__('Replace') })
      ]
    });
    return button.accept;
  }

  private get _store(): string {
    return this._panel().choices.store;
  }

  private async _restore(store: string, trashed: readonly string[]): Promise<void> {
    await this._each(trashed, name =>
      this._try(async () => void (await this._server.client.restore(store, name)))
    );
    this._panel().model.refresh();
  }

  /** One after another: each is a line in the journal of its run. */
  private async _each<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
    for (const one of all) {
      await act(one);
    }
  }

  private async _try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      sayWhy(error);
    }
  }

  private _title(what: string, rows: readonly RunRow[]): string {
    const [first] = rows;
    const whose =
      rows.length === 1 && first !== undefined
        ? shorten(first.name, MAX_NAMED)
        : this._words._n('%1 run', '%1 runs', rows.length);
    return `${what}: ${whose}`;
  }
}

/** A text of several lines in a dialog. */
class TextBody extends Widget implements Dialog.IBodyWidget<string> {
  constructor(label: string, text: string) {
    super();
    this._area.value = text;
    this.node.append(element('label', { class: 'nbt-notes' }, element('span', {}, label), this._area));
  }

  getValue(): string {
    return this._area.value;
  }

  private readonly _area = element('textarea', { rows: 8, class: 'jp-mod-styled' });
}

/** Names of runs, without those that cannot be. */
export function parseNames(names: unknown): RunName[] {
  return (Array.isArray(names) ? names : []).map(parseRunName).filter(name => name !== null);
}
