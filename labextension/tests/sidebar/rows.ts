/** A server of runs for tests of the panel: answers as the real one does, from a list. */
import type { RunsQuery } from '../../src/wire/client.js';
import type { Changed } from '../../src/wire/events.js';
import type { RunList, RunRow } from '../../src/wire/types.js';
import { runOf } from '../runs.js';

/** Runs named r0, r1, ... of the projects in turn. */
export function rowsOf(n: number, projects: readonly string[] = ['a', 'b']): RunRow[] {
  return Array.from({ length: n }, (_, i) =>
    runOf({ id: `r${i}`, name: `r${i}`, project: projects[i % projects.length] as string, state: 'finished' })
  );
}

export class HandServer {
  asked: RunsQuery[] = [];
  n_fields = 0;
  revision = 1;
  failure: Error | null = null;
  listener: ((changed: Changed | null) => void) | null = null;

  constructor(public all: RunRow[]) {}

  runs(_store: string, query: RunsQuery = {}): Promise<RunList> {
    this.asked.push(query);
    if (this.failure) {
      return Promise.reject(this.failure);
    }
    const { skip = 0, limit = 100, within, group } = query;
    const found = this.all.filter(
      row => within === undefined || row.project === (JSON.parse(within) as string)
    );
    const counts = new Map<string, number>();
    found.forEach(row => counts.set(row.project, (counts.get(row.project) ?? 0) + 1));
    return Promise.resolve({
      runs: found.slice(skip, skip + limit),
      total: found.length,
      n_all: this.all.length,
      revision: this.revision,
      epoch: 'e',
      groups: group === 'project' ? [...counts].map(([name, n_runs]) => ({ name, n_runs })) : []
    });
  }

  watch(_store: string, _run: string | null, listener: (changed: Changed | null) => void): () => void {
    this.listener = listener;
    return () => (this.listener = null);
  }

  /** Says that something changed, as the websocket does. */
  change(): void {
    this.revision += 1;
    this.listener?.({ store: 'default', revision: this.revision, runs: [], gone: [] });
  }
}
