/** A mark in the gutter of each cell from which a run is being recorded. */
import type { INotebookTracker } from '@jupyterlab/notebook';

import { Pace } from '../run/pace.js';
import type { Server } from './server.js';

const CLASS = 'nbt-running-cell';
const EVERY_MS = 1_500;
/** More runs than this at once are not looked into. */
const MAX_RUNS = 10;

/** Looks which cells run, as long as a notebook is open; ends by what it returns. */
export function markRunningCells({ client, events }: Server, notebooks: INotebookTracker): () => void {
  let stop: (() => void) | null = null;
  let n_marked = 0;

  const mark = (ids: ReadonlySet<string>): void => {
    n_marked = 0;
    notebooks.forEach(({ content }) => {
      for (const cell of content.widgets) {
        const isRunning = ids.has(cell.model.id);
        n_marked += Number(isRunning);
        cell.toggleClass(CLASS, isRunning);
      }
    });
  };

  const look = async (): Promise<void> => {
    if (notebooks.size === 0 || stop === null) {
      return;
    }
    const ids = new Set<string>();
    const { runs } = await client.runs('default', { filter: 'state=running', limit: MAX_RUNS, archived: true });
    for (const run of runs.filter(one => one.session !== null)) {
      for (const cell of await client.cells('default', run)) {
        if (cell.status === 'running' && cell.cell_id !== null) {
          ids.add(cell.cell_id);
        }
      }
    }
    if (ids.size > 0 || n_marked > 0) {
      mark(ids);
    }
  };

  // Without an answer there is nothing to mark; the panel says what is wrong.
  const pace = new Pace(EVERY_MS, () => look().catch(() => mark(new Set())));
  const follow = (): void => {
    if (notebooks.size > 0) {
      stop ??= events.watch('default', null, () => pace.ask());
    } else {
      stop?.();
      stop = null;
    }
  };
  notebooks.widgetAdded.connect((_, panel) => {
    follow();
    panel.disposed.connect(follow);
  });
  follow();
  return () => {
    stop?.();
    stop = null;
    pace.dispose();
    mark(new Set());
  };
}
