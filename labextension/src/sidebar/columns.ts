/** What may stand in a column of the list. */
import type { Progress } from '../run/progress.js';
import { duration, moment, number, rateText, roughly, stateWords, valueText, type Words } from '../run/words.js';
import type { RunRow } from '../wire/types.js';

/** A column: what it is called, what stands in it, and what the server sorts it by. */
export interface Column {
  readonly key: string;
  readonly label: string;
  /** Where the label is a part of it. */
  readonly fullLabel?: string;
  readonly isNumeric: boolean;
  /** Null where the server cannot sort by it. */
  readonly order: string | null;
  /** Whether nobody asked for it, so that it gives way. */
  readonly isOffered?: boolean;
  text(row: RunRow, progress?: Progress): string;
  /** What the text is of, where that is not the same in each row. */
  title?(row: RunRow): string;
}

/** Which metric a row is about: the first of these that it has. */
export function metricOf({ summary }: Pick<RunRow, 'summary'>, metrics: readonly string[]): string {
  return metrics.find(name => Object.hasOwn(summary, name)) ?? '';
}

/**
 * What tells metrics from each other in little room: the last part of each name, or all of it where
 * two end alike.
 */
export function shortMetrics(names: Iterable<string>): Map<string, string> {
  const last = (name: string): string => name.slice(name.replace(/\/+$/, '').lastIndexOf('/') + 1);
  const all = new Set(names);
  const isClear = new Set([...all].map(last)).size === all.size;
  return new Map([...all].map(name => [name, isClear ? last(name) : name]));
}

/** Metrics in the order in which most people look at them. */
export function byInterest(metrics: readonly string[]): string[] {
  const isLoss = (name: string): boolean => /loss/i.test(name);
  return [...metrics.filter(isLoss), ...metrics.filter(name => !isLoss(name))];
}

/** Columns of every run, besides its name. */
export const COLUMN_KEYS = [
  'spark', 'value', 'left', 'rate', 'runtime', 'created_at', 'state', 'tags', 'project', 'group', 'job_type',
  'notebook', 'last_step', 'n_rows', 'id', 'notes'
] as const;

const MAX_TEXT = 300;

/** Finds a column by its key; `config.lr` and `summary.loss` are columns, too. */
export function columnOf(key: string, metrics: readonly string[], words: Words): Column | null {
  const texts = (label: string, order: string | null, text: Column['text']): Column => ({
    key, label, order, text: (row, progress) => text(row, progress).slice(0, MAX_TEXT), isNumeric: false
  });
  const numbers = (label: string, order: string | null, text: Column['text']): Column => ({
    key, label, order, text, isNumeric: true
  });
  switch (key) {
    case 'spark':
      return texts(words.__('Curve'), null, () => '');
    case 'value': {
      const order = metrics.length === 0 ? null : `summary_metrics.${metrics[0]}`;
      const text = (row: RunRow): string => short(row.summary[metricOf(row, metrics)]);
      return { ...numbers(words.__('Value'), order, text), title: row => metricOf(row, metrics) };
    }
    case 'rate':
      return numbers(words.__('Step/s'), null, (_, progress) => rateOf(progress, words));
    case 'left':
      return numbers(words.__('Left'), null, (_, progress) =>
        progress?.left_s == null ? '' : roughly(progress.left_s)
      );
    case 'runtime':
      return numbers(words.__('Time'), 'runtime', row => duration(row.runtime_s));
    case 'created_at':
      return texts(words.__('Begun'), 'created_at', row => moment(row.created_at));
    case 'state':
      return texts(words.__('State'), 'state', row => stateWords(row.state, words).name);
    case 'tags':
      return texts(words.__('Tags'), null, row => row.tags.join(', '));
    case 'project':
      return texts(words.__('Project'), 'project', row => row.project);
    case 'group':
      return texts(words.__('Group'), 'group', row => row.group ?? '');
    case 'job_type':
      return texts(words.__('Job type'), 'job_type', row => row.job_type ?? '');
    case 'notebook':
      return texts(words.__('Notebook'), null, row => baseName(row.notebook ?? ''));
    case 'last_step':
      return numbers(words.__('Step'), 'last_step', row => (row.n_rows > 0 ? String(row.last_step) : ''));
    case 'n_rows':
      return numbers(words.__('Rows'), 'n_rows', row => String(row.n_rows));
    case 'id':
      return texts(words.__('Id'), 'id', row => row.id);
    case 'notes':
      return texts(words.__('Notes'), 'notes', row => row.notes ?? '');
    default:
      return dotted(key);
  }
}

function rateOf(progress: Progress | undefined, words: Words): string {
  if (progress?.rate != null) {
    return rateText(progress.rate);
  }
  return progress?.silent_s != null ? words.__('idle') : '';
}

/** The order for names, which is no column of its own. */
export const NAME_ORDER = 'display_name';

/** Whether an order falls, and what it sorts by. */
export function readOrder(order: string): { field: string; falls: boolean } {
  return { field: order.replace(/^[+-]+/, ''), falls: order.startsWith('-') };
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

const MAX_LOOKED_AT = 300;

/** Whether what the server sorts by is text in all runs that have it, as far as they were looked at. */
export function holdsTexts(field: string, rows: Iterable<Pick<RunRow, 'config' | 'summary'>>): boolean {
  const at = field.indexOf('.');
  const [section, name] = [field.slice(0, at), field.slice(at + 1)];
  if (section !== 'config' && section !== 'summary_metrics') {
    return false;
  }
  let [n, n_texts] = [0, 0];
  for (const row of rows) {
    const value = valueAt(section === 'config' ? row.config : row.summary, name);
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return false;
    }
    n_texts += Number(typeof value === 'string');
    n += 1;
    if (n >= MAX_LOOKED_AT) {
      break;
    }
  }
  return n_texts > 0;
}

function dotted(key: string): Column | null {
  const at = key.indexOf('.');
  const [section, name] = [key.slice(0, at), key.slice(at + 1)];
  if (name === '' || (section !== 'config' && section !== 'summary')) {
    return null;
  }
  return {
    key,
    label: name,
    isNumeric: true,
    order: `${section === 'config' ? 'config' : 'summary_metrics'}.${name}`,
    text: row => short(valueAt(row[section], name))
  };
}

/** The server sorts and completes by names without the backslashes that keys of a row have. */
function valueAt(values: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(values, name) || !name.includes('.')) {
    return Object.hasOwn(values, name) ? values[name] : undefined;
  }
  const key = Object.keys(values).find(one => one.replaceAll('\\.', '.') === name);
  return key === undefined ? undefined : values[key];
}

function short(value: unknown): string {
  if (value === undefined) {
    return '';
  }
  const isLong = typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value);
  return isLong ? number(Number(value.toPrecision(3))) : valueText(value).slice(0, MAX_TEXT);
}
