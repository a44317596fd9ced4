/** What may stand in a column of the list. */
import { duration, moment, number, stateWords, valueText, type Words } from '../run/words.js';
import type { RunRow } from '../wire/types.js';

/** A column: what it is called, what stands in it, and what the server sorts it by. */
export interface Column {
  readonly key: string;
  readonly label: string;
  readonly isNumeric: boolean;
  /** Null where the server cannot sort by it. */
  readonly order: string | null;
  text(row: RunRow): string;
}

/** Columns of every run, besides its name. */
export const COLUMN_KEYS = [
  'spark', 'value', 'runtime', 'created_at', 'state', 'tags', 'project', 'group', 'job_type',
  'notebook', 'last_step', 'n_rows', 'id', 'notes'
] as const;

const MAX_TEXT = 300;

/** Finds a column by its key; `config.lr` and `summary.loss` are columns, too. */
export function columnOf(key: string, metric: string, words: Words): Column | null {
  const texts = (label: string, order: string | null, text: Column['text']): Column => ({
    key, label, order, text: row => text(row).slice(0, MAX_TEXT), isNumeric: false
  });
  const numbers = (label: string, order: string, text: Column['text']): Column => ({
    key, label, order, text, isNumeric: true
  });
  switch (key) {
    case 'spark':
      return texts(words.__('Curve'), null, () => '');
    case 'value':
      return metric === ''
        ? null
        : numbers(metric, `summary_metrics.${metric}`, row => short(row.summary[metric]));
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
    text: row => short(row[section][name])
  };
}

function short(value: unknown): string {
  if (value === undefined) {
    return '';
  }
  const isLong = typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value);
  return isLong ? number(Number(value.toPrecision(4))) : valueText(value).slice(0, MAX_TEXT);
}
