/** Which columns have room beside names that can be read. Pure. */
import type { Column } from './columns.js';

/** Twelve characters with the dot and the edges of a line; as in sidebar.css. Units: CSS pixels. */
export const NAME_WIDTH = 136;
const WIDTHS: Readonly<Record<string, number>> = { spark: 40, value: 58, rate: 54, left: 58, runtime: 66 };
const OTHER_WIDTH = 66;
/** The name of a metric stands beside its value. */
const MIXED_WIDTH = 92;

/** Those that come first stay longest. Columns that are not named here were asked for, and always stay. */
const GIVING_WAY = ['spark', 'left', 'rate', 'runtime', 'created_at'];

/** What columns have to make room for. */
export interface Room {
  /** Units: CSS pixels; 0 while it is not known, and everything is shown. */
  readonly width: number;
  /** Whether values of several metrics stand in one column. */
  readonly isMixed: boolean;
  /** Whether any run goes on: a rate and a time left say little of the others. */
  readonly isLive: boolean;
}

/** Which columns are shown, in their order. */
export function fitting(columns: readonly Column[], room: Room): Column[] {
  const rank = ({ key }: Column): number =>
    !room.isLive && (key === 'rate' || key === 'left') ? GIVING_WAY.length : GIVING_WAY.indexOf(key);
  const staying = columns.filter(({ key }) => !GIVING_WAY.includes(key));
  const shown = new Set(staying);
  let left = room.width > 0 ? room.width - widthOf(staying, room.isMixed) : Infinity;
  for (const column of columns.filter(one => !shown.has(one)).sort((a, b) => rank(a) - rank(b))) {
    left -= widthOfOne(column, room.isMixed);
    if (left < 0) {
      break;
    }
    shown.add(column);
  }
  return columns.filter(column => shown.has(column));
}

/** The least width of lines with these columns; a narrower list is scrolled. Units: CSS pixels. */
export function widthOf(columns: readonly Column[], isMixed: boolean): number {
  return columns.reduce((sum, column) => sum + widthOfOne(column, isMixed), NAME_WIDTH);
}

function widthOfOne({ key }: Column, isMixed: boolean): number {
  return isMixed && key === 'value' ? MIXED_WIDTH : (WIDTHS[key] ?? OTHER_WIDTH);
}
