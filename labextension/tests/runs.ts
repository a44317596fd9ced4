/** Runs for tests: whole and valid, with whatever a test changes. */
import type { Series } from '../src/wire/decode.js';
import type { Feed, SeriesQuery } from '../src/wire/feed.js';
import type { CellInfo, ConfigChange, MetricInfo, RunDetail, SeriesStretch } from '../src/wire/types.js';

export function runOf(changes: Partial<RunDetail> = {}): RunDetail {
  return {
    store: 'default',
    project: 'digits',
    id: 'abcd1234',
    name: 'calm-river',
    state: 'running',
    created_at: 1_700_000_000,
    ended_at: null,
    changed_at: null,
    runtime_s: 12,
    group: null,
    job_type: null,
    tags: [],
    notes: null,
    n_rows: 3,
    last_step: 2,
    notebook: null,
    session: null,
    family: null,
    replay_of: null,
    archived: false,
    config: {},
    summary: {},
    trouble: null,
    config_entries: [],
    summary_tree: {},
    metrics: [],
    attempts: [],
    replays: [],
    error: null,
    exit_code: null,
    damages: [],
    gaps: 0,
    n_cells: 0,
    program: null,
    host: null,
    python: null,
    git: null,
    stop_requested: false,
    ...changes
  };
}

export function metricOf(name: string, changes: Partial<MetricInfo> = {}): MetricInfo {
  const at = name.lastIndexOf('/');
  return {
    name,
    section: at < 0 ? '' : name.slice(0, at),
    label: name.slice(at + 1),
    goal: null,
    step_metric: null,
    hidden: false,
    is_numeric: true,
    best: null,
    last: null,
    ...changes
  };
}

export function changeOf(changes: Partial<ConfigChange>): ConfigChange {
  return {
    key: 'lr',
    old: 0.01,
    new: 0.003,
    first: false,
    step: 120,
    execution: 's-7',
    at: 1,
    cell: 7,
    ...changes
  };
}

export function cellOf(changes: Partial<CellInfo>): CellInfo {
  return {
    execution: 's-1',
    number: 1,
    count: 1,
    cell_id: 'c1',
    source: 'x = 1',
    forgotten: false,
    status: 'ok',
    started_at: 10,
    ended_at: 12.5,
    error: null,
    n_rows: 0,
    tags: [],
    ...changes
  };
}

/** A feed that says what it is told to, and whose changes are made by hand. */
export class HandFeed implements Feed {
  run = runOf();
  shownCells: CellInfo[] = [];
  failure: Error | null = null;
  /** When rows were made, in seconds since the begin; their steps are their places. */
  rows: { times: number[]; stretches: SeriesStretch[] } | null = null;
  readonly listeners = new Set<() => void>();

  detail(): Promise<RunDetail> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(this.run);
  }

  cells(): Promise<CellInfo[]> {
    return Promise.resolve(this.shownCells);
  }

  series({ x, rows }: SeriesQuery): Promise<Series> {
    if (this.rows === null) {
      return Promise.reject(new Error('no series'));
    }
    const { times, stretches } = this.rows;
    const xs = (x === '_step' ? times.map((_, i) => i) : times).slice(...(rows ?? []));
    const header = { n_rows: times.length, stretches } as unknown as Series['header'];
    const ends = [xs.slice(0, 1), xs.slice(-1)].map(some => Float64Array.from(some)) as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
    return Promise.resolve({ header, xFirst: ends[0], xLast: ends[1], metrics: new Map() });
  }

  listen(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  change(): void {
    this.listeners.forEach(listener => listener());
  }
}

