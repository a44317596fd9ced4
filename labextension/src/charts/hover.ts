/** Which points are under the cursor. */

import { at, type Bins, nFinite } from './bins.js';
import { formatCount, formatNumber } from './format.js';
import { type Frame, inView } from './geometry.js';
import { place } from './scales.js';
import type { SegmentBins } from './segments.js';

/** The bin of one line that is nearest to the cursor. */
export interface Near {
  /** Which of the lines. */
  line: number;
  segment: number;
  bins: Bins;
  i: number;
  /** Where its nearest number stands in the plot. Units: pixels; y is NaN if none is finite. */
  x: number;
  y: number;
  distance: number;
}

/** The nearest bin of each line, nearest line first. */
export function nearest(
  lines: readonly (readonly SegmentBins[])[], frame: Frame, x: number, y: number, reach = 40
): Near[] {
  const found: Near[] = [];
  lines.forEach((parts, line) => {
    let best: Near | null = null;
    for (const [i, { segment, bins }] of parts.entries()) {
      // Between equally near points, the newest segment wins.
      const near = nearestBin(bins, frame, x, y);
      const penalty = i === parts.length - 1 ? 0 : 4;
      if (near !== null && near.away <= reach) {
        const distance = Math.hypot(near.away, (Number.isNaN(near.y) ? 0 : near.y - y) / 4) + penalty;
        if (best === null || distance <= best.distance) {
          best = { line, segment, bins, i: near.i, x: near.x, y: near.y, distance };
        }
      }
    }
    if (best !== null) {
      found.push(best);
    }
  });
  return found.sort((a, b) => a.distance - b.distance);
}

/** Those to be listed, highest value first: the nearest one and those around it. */
export function ranked(found: readonly Near[], most: number): Near[] {
  // Lines without a finite number come last.
  const value = ({ bins, i }: Near): number => (nFinite(bins, i) > 0 ? at(bins.last, i) : -Infinity);
  const all = [...found].sort((a, b) => (value(a) === value(b) ? a.line - b.line : value(b) > value(a) ? 1 : -1));
  const middle = found[0] === undefined ? 0 : all.indexOf(found[0]);
  const from = Math.max(0, Math.min(middle - Math.floor(most / 2), all.length - most));
  return all.slice(from, from + most);
}

function nearestBin(
  bins: Bins, frame: Frame, x: number, y: number
): { i: number; x: number; y: number; away: number } | null {
  const { from, to } = inView(bins, frame.x);
  let best: { i: number; x: number; away: number } | null = null;
  for (let i = from; i < to; i += 1) {
    if (at(bins.count, i) === 0) {
      continue;
    }
    const a = place(frame.x, at(bins.xFirst, i)) * frame.width;
    const b = place(frame.x, at(bins.xLast, i)) * frame.width;
    const to_x = Math.max(Math.min(a, b), Math.min(Math.max(a, b), x));
    const away = Math.abs(to_x - x);
    // On a log axis what is not above zero has no place.
    if (!Number.isNaN(away) && (best === null || away < best.away)) {
      best = { i, x: to_x, away };
    }
  }
  if (best === null) {
    return null;
  }
  const ys = [bins.last, bins.first, bins.min, bins.max]
    .map(values => (1 - place(frame.y, at(values, best.i))) * frame.height)
    .filter(value => !Number.isNaN(value))
    .sort((one, other) => Math.abs(one - y) - Math.abs(other - y));
  return { ...best, y: ys[0] ?? NaN };
}

/** What a bin holds, in one line of text. */
export function binText(bins: Bins, i: number, text: (text: string) => string): string {
  const n = nFinite(bins, i);
  const words: string[] = [];
  if (n === 1 || (n > 0 && at(bins.min, i) === at(bins.max, i))) {
    words.push(formatNumber(at(bins.last, i), 6));
  } else if (n > 1) {
    words.push(`${formatNumber(at(bins.min, i), 6)} … ${formatNumber(at(bins.max, i), 6)}`);
    words.push(`${text('last')} ${formatNumber(at(bins.last, i), 6)}`);
  }
  if (n > 1) {
    words.push(`${formatCount(n)} ${text('points')}`);
  }
  const odd: [string, number][] = [
    ['NaN', at(bins.nNan, i)],
    ['+∞', at(bins.nPosInf, i)],
    ['−∞', at(bins.nNegInf, i)]
  ];
  for (const [name, count] of odd) {
    if (count > 0) {
      words.push(count === 1 && n === 0 ? name : `${formatCount(count)} × ${name}`);
    }
  }
  if (!Number.isNaN(at(bins.ema, i))) {
    words.push(`${text('average')} ${formatNumber(at(bins.ema, i), 6)}`);
  }
  return words.join(', ');
}
