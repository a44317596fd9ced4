/** A mark in the gutter of each cell from which a run is being recorded. */
import type { INotebookTracker } from '@jupyterlab/notebook';

import { Pace } from '../run/pace.js';
import type { Server } from './server.js';

const CLASS = 'nbt-running-cell';
const EVERY_MS = 1_500;

/** Looks which cells run, as long as a notebook is open; ends by what it returns. */
export function markRunningCells(server: Server, notebooks: INotebookTracker): () => void {
  const { client, events, inUse } = server;
  const stops = new Map<string, () => void>();
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
    // Who opens the panel, or asks there again, finds out whether the extension has come.
    if (stops.size === 0 || client.isMissing) {
      return;
    }
    // Without an answer there is nothing to mark; the panel says what is wrong.
    const found = await Promise.allSettled([...stops.keys()].map(store => client.running(store)));
    const cells = found.flatMap(one => (one.status === 'fulfilled' ? one.value : []));
    const ids = new Set(cells.map(cell => cell.cell_id).filter(id => id !== null));
    if (stops.size > 0 && (ids.size > 0 || n_marked > 0)) {
      mark(ids);
    }
  };

  const pace = new Pace(EVERY_MS, look);
  let isOver = false;
  const follow = (): void => {
    // Notebooks record into the default store, unless their settings name another.
    const wanted = new Set(notebooks.size > 0 && !isOver ? ['default', ...inUse.names] : []);
    [...stops].filter(([store]) => !wanted.has(store)).forEach(([store, stop]) => {
      stop();
      stops.delete(store);
    });
    [...wanted].filter(store => !stops.has(store)).forEach(store => {
      stops.set(store, events.watch(store, null, () => pace.ask()));
    });
  };
  const stopListening = inUse.listen(follow);
  notebooks.widgetAdded.connect((_, panel) => {
    follow();
    panel.disposed.connect(follow);
  });
  follow();
  return () => {
    isOver = true;
    stopListening();
    follow();
    pace.dispose();
    mark(new Set());
  };
}
