/** What the user chose for the list; kept, and read back as from a stranger. */
import { OFFERED } from './offered.js';

/** What runs are put together by. */
export const GROUPINGS = ['project', 'notebook', 'group', 'none'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** How the list of runs is shown. */
export interface Choices {
  readonly store: string;
  readonly filter: string;
  /** As the server takes it: `-created_at` falls. */
  readonly order: string;
  readonly group: Grouping;
  readonly archived: boolean;
  /** Whose curve is drawn in each row; empty for the first that there is. */
  readonly metric: string;
  /** `config` stands for the keys in which runs differ. */
  readonly columns: readonly string[];
}

/** What is kept between two visits. */
export interface Kept {
  readonly choices: Choices;
  readonly selected: readonly string[];
  readonly collapsed: readonly string[];
  /** Units: CSS pixels. */
  readonly scroll: number;
}

/** What is shown before anybody chose. */
export const DEFAULTS: Choices = {
  store: 'default',
  filter: '',
  order: '-created_at',
  group: 'project',
  archived: false,
  metric: '',
  columns: ['spark', 'value', OFFERED, 'left', 'rate', 'runtime']
};

const STORE = /^(default|[0-9a-f]{16})$/;
const MAX_KEPT = 200;
const MAX_COLUMNS = 20;

/** Reads what was kept; whatever does not fit is as if it had not been kept. */
export function readKept(said: unknown, defaults: Choices = DEFAULTS): Kept {
  const kept = fields(said);
  const choices = fields(kept['choices']);
  const { store, filter, order, group, archived, metric } = choices;
  return {
    choices: {
      store: typeof store === 'string' && STORE.test(store) ? store : defaults.store,
      filter: text(filter, defaults.filter),
      order: text(order, defaults.order),
      group: GROUPINGS.find(one => one === group) ?? defaults.group,
      archived: typeof archived === 'boolean' ? archived : defaults.archived,
      metric: text(metric, defaults.metric),
      columns: Array.isArray(choices['columns'])
        ? texts(choices['columns']).slice(0, MAX_COLUMNS)
        : defaults.columns
    },
    selected: texts(kept['selected']),
    collapsed: texts(kept['collapsed']),
    scroll: typeof kept['scroll'] === 'number' && kept['scroll'] > 0 ? kept['scroll'] : 0
  };
}

function fields(said: unknown): Record<string, unknown> {
  return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
}

function text(said: unknown, otherwise: string): string {
  return typeof said === 'string' ? said : otherwise;
}

function texts(said: unknown): string[] {
  const found = Array.isArray(said) ? said.filter(one => typeof one === 'string') : [];
  return found.slice(0, MAX_KEPT);
}
