/** Which cell of which open notebook is meant. Knows no Jupyter. */
import type { CellInfo } from '../wire/types.js';

/** A cell of a notebook, as far as it is looked for. */
export interface OpenCell {
  readonly id: string;
  /** The number of its prompt; null if it has none. */
  readonly count: number | null;
  readonly source: string;
}

/** A notebook that is open. */
export interface OpenNotebook {
  /** Below the server's folder. */
  readonly path: string;
  /** Whether the jump begins in one of its outputs. */
  readonly isOwn: boolean;
  readonly cells: readonly OpenCell[];
}

/** Where a cell was found; without an index, the notebook that it was in. */
export interface Found<T> {
  readonly notebook: T;
  readonly index: number | null;
}

/** Stands where the recorder took a secret out. */
const REDACTED = '[redacted]';

/** Whether a cell that was found has another source now than when it was executed. */
export function hasChanged({ notebook, index }: Found<OpenNotebook>, { source, left_out }: CellInfo): boolean {
  const now = index === null ? undefined : notebook.cells[index]?.source;
  // What was not recorded, or not told, cannot be compared.
  const isWhole = source !== null && left_out !== true && !source.includes(REDACTED);
  return now !== undefined && isWhole && plain(now) !== plain(source);
}

/** Not every front end sends the empty lines at the end. */
function plain(source: string): string {
  return source.replaceAll('\r\n', '\n').trimEnd();
}

/** The cell of an execution; without one, that which logged the run's first row. */
export function cellMeant(cells: readonly CellInfo[], execution: string | null): CellInfo | undefined {
  return execution === null
    ? (cells.find(one => one.n_rows > 0) ?? cells[0])
    : cells.find(one => one.execution === execution);
}

/**
 * Finds a cell: by its id, else by its prompt with the same source. A copy of a notebook has cells
 * of the same ids: the one that is looked at goes first, then that of the run.
 */
export function findCell<T extends OpenNotebook>(
  open: readonly T[],
  cell: CellInfo,
  runs: string | null
): Found<T> | null {
  const rank = (one: T): number => 2 * Number(one.isOwn) + Number(isPathOf(one.path, runs));
  const ranked = [...open].sort((a, b) => rank(b) - rank(a));
  const near = ranked.filter(one => rank(one) > 0);
  return (
    first(ranked, ({ id }) => id === cell.cell_id) ??
    // Any notebook may begin with the same line at the same prompt.
    first(near, one => cell.count !== null && one.count === cell.count && one.source === cell.source) ??
    gone(ranked.find(one => isPathOf(one.path, runs)))
  );
}

function first<T extends OpenNotebook>(
  notebooks: readonly T[],
  isIt: (cell: OpenCell) => boolean
): Found<T> | null {
  for (const notebook of notebooks) {
    const index = notebook.cells.findIndex(isIt);
    if (index >= 0) {
      return { notebook, index };
    }
  }
  return null;
}

function gone<T>(notebook: T | undefined): Found<T> | null {
  return notebook === undefined ? null : { notebook, index: null };
}

/** Whether a path below the server's folder is the end of a whole path. */
export function isPathOf(local: string, whole: string | null): boolean {
  return whole !== null && local !== '' && (whole === local || whole.endsWith(`/${local}`));
}
