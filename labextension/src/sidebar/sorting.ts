/** In which order runs stand, in words. Pure. */
import type { Words } from '../run/words.js';
import { COLUMN_KEYS, columnOf, NAME_ORDER, readOrder } from './columns.js';

const TEXTS: readonly string[] = [NAME_ORDER, 'state', 'project', 'group', 'job_type', 'id', 'notes'];

/** Whether the listed runs have texts in a field of theirs. */
export type IsText = (field: string) => boolean;

const NONE: IsText = () => false;

/** What an order is called that falls, and one that rises. */
export interface Directions {
  readonly falls: string;
  readonly rises: string;
}

/** How the two orders by a field are called. */
export function directionsOf(field: string, words: Words, isText: IsText = NONE): Directions {
  if (field === 'created_at') {
    return { falls: words.__('newest first'), rises: words.__('oldest first') };
  }
  if (field === 'runtime') {
    return { falls: words.__('longest first'), rises: words.__('shortest first') };
  }
  return TEXTS.includes(field) || isText(field)
    ? { falls: words.__('Z to A'), rises: words.__('A to Z') }
    : { falls: words.__('largest first'), rises: words.__('smallest first') };
}

/** How an order is called: `newest first`, or `loss, smallest first`. */
export function orderText(order: string, words: Words, isText: IsText = NONE): string {
  const { field, falls } = readOrder(order);
  const directions = directionsOf(field, words, isText);
  const direction = falls ? directions.falls : directions.rises;
  return field === 'created_at' ? direction : words.__('%1, %2', labelOf(field, words), direction);
}

/** What a head sorts by that is pressed: by texts from A at first, by all else from the top. */
export function orderWhenPressed(field: string, order: string, isText: IsText = NONE): string {
  const now = readOrder(order);
  const falls = now.field === field ? !now.falls : !(TEXTS.includes(field) || isText(field));
  return `${falls ? '-' : '+'}${field}`;
}

function labelOf(field: string, words: Words): string {
  if (field === NAME_ORDER) {
    return words.__('Run');
  }
  const columns = COLUMN_KEYS.map(key => columnOf(key, [], words));
  return columns.find(column => column?.order === field)?.label ?? field.replace(/^(summary_metrics|config)\./, '');
}
