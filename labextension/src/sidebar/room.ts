/** Which columns have room beside names that can be read. Pure. */
import type { Column } from './columns.js';

/** Twelve characters with the dot and the edges of a line; as in sidebar.css. Units: CSS pixels. */
export const NAME_WIDTH = 136;
const WIDTHS: Readonly<Record<string, number>> = { spark: 40, value: 58, rate: 54, left: 70, runtime: 76 };
const OFFERED_WIDTH = 56;
const OTHER_WIDTH = 66;
/** The name of a metric stands beside its value. */
const MIXED_WIDTH = 92;

/**
 * Those that come first stay longest; `offered` are those that nobody asked for. Columns that are not
 * named here were asked for, and always stay.
 */
const GIVING_WAY = ['spark', 'offered', 'left', 'rate', 'runtime', 'created_at'];

/** What columns have to make room for. */
export interface Room {
  /** Units: CSS pixels; 0 while it is not known, and everything is shown. */
  readonly width: number;
  /** Whether values of several metrics stand in one column. */
  readonly isMixed: boolean;
  /** Whether any run goes on: a rate and a time left say little of the others. */
  readonly isLive: boolean;
  /** Whether any has a time that is left; else there is no column of it. */
  readonly hasLeft: boolean;
}

/** Which columns are shown, in their order. */
export function fitting(columns: readonly Column[], room: Room): Column[] {
  const given = columns.filter(({ key }) => key !== 'left' || room.hasLeft);
  const kind = ({ key, isOffered }: Column): string => (isOffered === true ? 'offered' : key);
  const rank = (column: Column): number =>
    !room.isLive && column.key === 'rate' ? GIVING_WAY.length : GIVING_WAY.indexOf(kind(column));
  const staying = given.filter(column => !GIVING_WAY.includes(kind(column)));
  const shown = new Set(staying);
  let left = room.width > 0 ? room.width - widthOf(staying, room.isMixed) : Infinity;
  for (const column of given.filter(one => !shown.has(one)).sort((a, b) => rank(a) - rank(b))) {
    left -= widthOfOne(column, room.isMixed);
    if (left < 0) {
      break;
    }
    shown.add(column);
  }
  return given.filter(column => shown.has(column));
}

/** The least width of lines with these columns; a narrower list is scrolled. Units: CSS pixels. */
export function widthOf(columns: readonly Column[], isMixed: boolean): number {
  return columns.reduce((sum, column) => sum + widthOfOne(column, isMixed), NAME_WIDTH);
}

function widthOfOne({ key, isOffered }: Column, isMixed: boolean): number {
  if (isOffered === true) {
    return OFFERED_WIDTH;
  }
  return isMixed && key === 'value' ? MIXED_WIDTH : (WIDTHS[key] ?? OTHER_WIDTH);
}
