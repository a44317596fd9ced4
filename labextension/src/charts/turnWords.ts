/** What is said of the places where another cell or another segment goes on. */

import { formatCount } from './format.js';
import { xText } from './tip.js';
import type { TurnMark, TurnMarks } from './turns.js';

type Words = (text: string, ...args: string[]) => string;

/** More places are not told one by one. */
const MAX_PLACES = 8;

/** Say what one mark means; `name` is what its cell is called, null if that is not known. */
export function turnTitle({ segment, isSegment, execution, n }: TurnMark, name: string | null, words: Words): string {
  const others = n === 1 ? [] : [words('and %1 more changes of cell here', formatCount(n - 1))];
  const begins = isSegment ? [words('segment %1 begins here', formatCount(segment))] : [];
  const isKnown = name !== null && execution !== null;
  const ran = isKnown ? [words('%1 ran from here', name)] : isSegment ? [] : [words('another cell ran from here')];
  return [...ran, ...begins, ...others].join(' · ');
}

/** Say where in view another cell or segment goes on, or that there are too many such places. */
export function turnsText({ marks, n }: TurnMarks, x: string, labels: readonly string[], words: Words): string[] {
  const left = unmarked({ marks, n }, words);
  if (n === 0 || left.length > 0) {
    return left.map(text => `${text}.`);
  }
  const places = marks.slice(0, MAX_PLACES).map(mark => {
    const of = labels.length > 1 ? ` (${labels[mark.line] ?? ''})` : '';
    return `${xText(x, mark.x, mark.x, text => words(text))}${of}`;
  });
  const rest = marks.length - places.length;
  const more = rest > 0 ? [words('%1 more', formatCount(rest))] : [];
  const head = marks.some(({ isSegment }) => isSegment)
    ? words('Marked is where another cell or segment goes on')
    : words('Marked is where another cell goes on');
  return [`${head}: ${[...places, ...more].join(', ')}.`];
}

/** Say how many places have no mark of their own, if there are such. */
export function unmarked({ marks, n }: TurnMarks, words: Words): string[] {
  const missing = n - marks.reduce((sum, mark) => sum + mark.n, 0);
  return missing === 0 ? [] : [words('%1 changes of cell not marked', formatCount(missing))];
}
