/** What the keyboard and the mouse do with the selection of a list. */
import type { RunRow } from '../wire/types.js';
import { keyOf, nameOf, type Lines } from './lines.js';
import type { RunsModel } from './model.js';
import { Selection } from './selection.js';

/** More runs than this are not selected by a range, which loads them. */
const MAX_RANGE = 1000;

/** Selects runs of lines, wherever those lines are by then. */
export class Selecting {
  readonly selection = new Selection();

  constructor(
    private readonly _model: Pick<RunsModel, 'rows'>,
    private readonly _lines: () => Lines,
    private readonly _onSelect: () => void
  ) {}

  /** The run the keyboard is on. */
  get activeRow(): RunRow | undefined {
    const line = this._lines().at(this.selection.activeLine);
    return line?.kind === 'run' ? line.row : undefined;
  }

  /** Selected runs as far as they are known here, in the order of the list. */
  get selectedRows(): RunRow[] {
    const { names } = this.selection;
    const rows = this._lines().sections.flatMap(section => section.rows.filter(row => row !== undefined));
    return rows.filter(row => names.has(nameOf(row)));
  }

  /** Puts the keyboard on a line. */
  activate(line: number): void {
    const found = this._lines().at(line);
    this.selection.activeLine = line;
    this.selection.active = (found && keyOf(found)) ?? null;
  }

  /** Selects the run of the active line alone, or nothing on a head. */
  only(): void {
    const row = this.activeRow;
    this._anchor();
    this.selection.only(row === undefined ? [] : [nameOf(row)]);
    this._onSelect();
  }

  /** Adds the run of the active line, or takes it out. */
  toggle(row: RunRow): void {
    this._anchor();
    this.selection.toggle(nameOf(row));
    this._onSelect();
  }

  /** Selects the runs from one line to another, loading what is not there. */
  async range(from: number, to: number): Promise<void> {
    const [first, last] = [Math.min(from, to), Math.min(Math.max(from, to), Math.min(from, to) + MAX_RANGE - 1)];
    const parts = this._lines().parts(first, last + 1);
    const rows = await Promise.all(parts.map(part => this._model.rows(part.section, part.from, part.to)));
    this.selection.only(rows.flat().map(nameOf));
    this._onSelect();
  }

  clear(): void {
    this.selection.only([]);
    this._onSelect();
  }

  /** Finds the lines again on which the keyboard and the anchor are, after others have come. */
  follow(): void {
    const { selection } = this;
    const lines = this._lines();
    const place = (key: string | null, line: number): number => {
      const found = (key === null ? undefined : lines.find(key)) ?? line;
      return Math.max(0, Math.min(found, lines.length - 1));
    };
    selection.activeLine = place(selection.active, selection.activeLine);
    selection.anchorLine = place(selection.anchor, selection.anchorLine);
  }

  private _anchor(): void {
    this.selection.anchorLine = this.selection.activeLine;
    this.selection.anchor = this.selection.active;
  }
}
