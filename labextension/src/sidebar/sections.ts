/** How runs are put together in sections, and what of them the server is asked for. Pure. */
import type { Words } from '../run/words.js';
import type { RunsQuery } from '../wire/client.js';
import type { RunList, RunRow } from '../wire/types.js';
import type { Choices, Grouping } from './choices.js';
import { shortPaths } from './shortPaths.js';

/** Runs that stand together; those of pages that were not asked for yet are missing. */
export interface Section {
  readonly key: string;
  /** Null for runs that are in no group. */
  readonly name: string | null;
  /** The name as it is shown, where it is too long to be. */
  readonly label?: string;
  readonly n_runs: number;
  readonly rows: (RunRow | undefined)[];
}

/** Which of the choices the server is asked with. */
export type Asked = Pick<Choices, 'store' | 'filter' | 'order' | 'group' | 'archived'>;

/** A section with what the server is asked for its pages. */
export interface Held extends Section {
  readonly query: RunsQuery;
  /** Where the first row is in the answer to `query`. */
  readonly offset: number;
  readonly fresh: Set<number>;
  readonly asked: Set<number>;
}

/** How many runs are asked for at once. */
export const PAGE = 100;
/** The server knows no notebooks to group by: so many runs are looked at here, the rest follow. */
export const LOOKED_AT = 1000;

/** What the server is asked. */
export function queryOf({ filter, order, group, archived }: Asked): RunsQuery {
  return { filter, order, archived, ...(group === 'project' || group === 'group' ? { group } : {}) };
}

/** How many runs the first answer is to have. */
export function firstPage(group: Grouping): number {
  switch (group) {
    case 'none':
      return PAGE;
    case 'notebook':
      return LOOKED_AT;
    case 'project':
    case 'group':
      // Only how many there are; the pages of the groups that are seen are asked for then.
      return 0;
    default:
      return group satisfies never;
  }
}

/** The sections of a first answer, with the runs that came with it. */
export function sectionsOf(list: RunList, group: Grouping, query: RunsQuery): Held[] {
  switch (group) {
    case 'none':
      return [held('all', null, list.total, query, list.runs)];
    case 'notebook':
      return byNotebook(list, query);
    case 'project':
    case 'group':
      return [...list.groups]
        .sort((a, b) => compareNames(a.name, b.name))
        .map(({ name, n_runs }) =>
          held(JSON.stringify(name), name, n_runs, { ...query, within: JSON.stringify(name) })
        );
    default:
      return group satisfies never;
  }
}

/** What stands on the head of a section. */
export function titleOf({ key, name, label }: Section, words: Words): string {
  return key === 'rest' ? words.__('Earlier runs') : (label ?? name ?? words.__('None'));
}

/** The runs that have come. */
export function* loaded(sections: readonly Section[]): Generator<RunRow> {
  for (const { rows } of sections) {
    yield* rows.filter(row => row !== undefined);
  }
}

function byNotebook(list: RunList, query: RunsQuery): Held[] {
  const found = new Map<string | null, RunRow[]>();
  for (const row of list.runs) {
    const rows = found.get(row.notebook);
    rows === undefined ? found.set(row.notebook, [row]) : rows.push(row);
  }
  const labels = shortPaths([...found.keys()].filter(path => path !== null));
  const sections = [...found]
    .sort(([a], [b]) => compareNames(a, b))
    .map(([name, rows]) => {
      const label = name === null ? undefined : labels.get(name);
      return { ...held(JSON.stringify(name), name, rows.length, query, rows), ...(label !== undefined && { label }) };
    });
  const n_left = list.total - list.runs.length;
  return n_left > 0 ? [...sections, held('rest', null, n_left, query, [], list.runs.length)] : sections;
}

function held(
  key: string,
  name: string | null,
  n_runs: number,
  query: RunsQuery,
  rows: readonly RunRow[] = [],
  offset = 0
): Held {
  const n_pages = rows.length >= n_runs ? Math.ceil(n_runs / PAGE) : Math.floor(rows.length / PAGE);
  return {
    key,
    name,
    n_runs,
    query,
    offset,
    rows: [...rows],
    fresh: new Set(Array.from({ length: n_pages }, (_, page) => page)),
    asked: new Set()
  };
}

/** Those without a name come last. */
function compareNames(a: string | null, b: string | null): number {
  return a === null || b === null ? Number(a === null) - Number(b === null) : a.localeCompare(b);
}
