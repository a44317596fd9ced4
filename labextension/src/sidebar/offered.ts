/** Columns of config keys in which the listed runs differ, for whoever has chosen none. Pure. */
import type { Words } from '../run/words.js';
import type { RunRow } from '../wire/types.js';
import { columnOf, type Column } from './columns.js';

/** The choice that stands for all of these columns. */
export const OFFERED = 'config';

/** How many there are at most, of the first runs. */
const MOST = 3;
const MAX_LOOKED_AT = 300;
/** What is longer is no value to be read in a column. Units: characters. */
const MAX_TEXT = 24;

/** Ends of names that say nothing alone. */
const VAGUE = /^(id|kind|name|type|value)$/;

interface Found {
  readonly value: unknown;
  place: number;
  differs: boolean;
  isShort: boolean;
}

/**
 * Keys of which two runs have different values, named as a filter names them. They stand as they do
 * in the config, in which pinned ones come first, so that another order of the runs changes nothing.
 */
export function differingKeys(rows: Iterable<Pick<RunRow, 'config'>>): string[] {
  const found = new Map<string, Found>();
  let n = 0;
  for (const { config } of rows) {
    n += 1;
    if (n > MAX_LOOKED_AT) {
      break;
    }
    Object.entries(config).forEach(([key, value], place) => {
      const known = found.get(key);
      const isShort = String(value).length <= MAX_TEXT;
      if (known === undefined) {
        found.set(key, { value, place, differs: false, isShort });
      } else {
        known.place = Math.min(known.place, place);
        known.differs ||= !isSame(known.value, value);
        known.isShort &&= isShort;
      }
    });
  }
  return [...found]
    .filter(([, { differs, isShort }]) => differs && isShort)
    .sort(([a, one], [b, other]) => one.place - other.place || (a < b ? -1 : 1))
    .slice(0, MOST)
    .map(([key]) => key.replaceAll('\\.', '.'));
}

/** Lists are the same if what is in them is. */
function isSame(one: unknown, other: unknown): boolean {
  const areLists = Array.isArray(one) && Array.isArray(other);
  return areLists ? JSON.stringify(one) === JSON.stringify(other) : Object.is(one, other);
}

/** The columns that are meant, where some are offered instead of chosen. */
export function withOffered(
  chosen: readonly string[],
  differing: readonly string[],
  metrics: readonly string[],
  words: Words
): Column[] {
  const names = differing.filter(name => !chosen.includes(`config.${name}`));
  return chosen
    .flatMap(key => (key === OFFERED ? offered(names, words) : [columnOf(key, metrics, words)]))
    .filter(column => column !== null);
}

function offered(names: readonly string[], words: Words): (Column | null)[] {
  const last = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  const isClear = new Set(names.map(last)).size === names.length && !names.some(name => VAGUE.test(last(name)));
  return names.map(name => {
    const column = columnOf(`config.${name}`, [], words);
    return column && { ...column, isOffered: true, label: isClear ? last(name) : name, fullLabel: name };
  });
}
