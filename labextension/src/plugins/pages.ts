/** What of a run stands beside its curves in the main area: an overview, and its files. */
import { element } from '../run/elements.js';
import { reason, type Words } from '../run/index.js';
import { moment } from '../run/words.js';
import type { FileInfo, RunDetail, RunRef } from '../wire/types.js';

/** Facts of a run that are neither config nor summary. */
export class Overview {
  readonly node = element('div', { class: 'nbt-page' });

  constructor(
    private readonly _words: Words,
    private readonly _onOpen: (run: RunRef) => void
  ) {}

  update(run: RunDetail): void {
    const words = this._words;
    const facts: [string, string | null][] = [
      [words.__('Notes'), run.notes],
      [words.__('Tags'), run.tags.join(', ')],
      [words.__('Group'), run.group],
      [words.__('Job type'), run.job_type],
      [words.__('Begun'), moment(run.created_at)],
      [words.__('Ended'), run.ended_at === null ? null : moment(run.ended_at)],
      [words.__('Rows'), String(run.n_rows)],
      [words.__('Notebook'), run.notebook],
      [words.__('Program'), run.program],
      [words.__('Host'), run.host],
      [words.__('Python'), run.python],
      [words.__('Git'), run.git],
      [words.__('Stop'), run.stop_requested ? words.__('asked for; the run ends when it logs next') : null]
    ];
    const key = JSON.stringify([facts, run.attempts, run.replays]);
    if (key !== this._key) {
      this._key = key;
      const list = element('dl', { class: 'nbt-overview' });
      for (const [name, value] of facts) {
        if (value) {
          list.append(element('dt', {}, name), element('dd', {}, value));
        }
      }
      this._refs(list, words.__('Attempts'), run.attempts.filter(one => one.id !== run.id));
      this._refs(list, words.__('Replays'), run.replays);
      this.node.replaceChildren(list);
    }
  }

  private _refs(list: HTMLElement, name: string, runs: readonly RunRef[]): void {
    if (runs.length > 0) {
      const links = runs.map(run => {
        const given = { type: 'button', class: 'nbt-link', onclick: () => this._onOpen(run) };
        return element('button', given, `${run.name} (${run.id})`);
      });
      list.append(element('dt', {}, name), element('dd', {}, ...links.flatMap(link => [link, ' '])));
    }
  }

  private _key = '';
}

/** The files of a run, to be saved. */
export class Files {
  readonly node = element('div', { class: 'nbt-page' });

  constructor(
    private readonly _words: Words,
    private readonly _ask: () => Promise<FileInfo[]>,
    private readonly _address: (path: string) => string
  ) {}

  async update(): Promise<void> {
    try {
      this._show(await this._ask());
    } catch (error) {
      this.node.replaceChildren(element('p', { class: 'nbt-more', role: 'alert' }, reason(error)));
    }
  }

  private _show(files: readonly FileInfo[]): void {
    const key = JSON.stringify(files);
    if (key === this._key) {
      return;
    }
    this._key = key;
    if (files.length === 0) {
      this.node.replaceChildren(element('p', { class: 'nbt-more' }, this._words.__('No files.')));
      return;
    }
    const heads = [this._words.__('File'), this._words.__('Size'), this._words.__('Changed')];
    const rows = files.map(({ path, size, changed_at }) => {
      const given = { href: this._address(path), download: path.split('/').at(-1) };
      return element(
        'tr',
        {},
        element('th', { scope: 'row' }, element('a', given, path)),
        element('td', {}, bytes(size)),
        element('td', {}, moment(changed_at))
      );
    });
    this.node.replaceChildren(
      element(
        'table',
        { class: 'nbt-facts nbt-files' },
        element('thead', {}, element('tr', {}, ...heads.map(text => element('th', { scope: 'col' }, text)))),
        element('tbody', {}, ...rows)
      )
    );
  }

  private _key = '';
}

function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${power === 0 ? n : (n / 1000 ** power).toPrecision(3)} ${units[power]}`;
}
