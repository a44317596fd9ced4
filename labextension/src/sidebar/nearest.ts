/** Names that somebody may have meant who misspelled one. Pure. */

const MAX_NAME = 80;
/** Of more names that are about as long, the first are compared. */
export const MAX_COMPARED = 2000;
const MAX_MEANT = 3;

/** A name, and how it is compared. */
export interface Known {
  readonly name: string;
  readonly low: string;
}

/** Each name once, ready to be compared. */
export function lowered(names: Iterable<string>): Known[] {
  return [...new Set(names)].map(name => ({ name, low: name.toLowerCase() }));
}

/** The nearest of the names, at most three; none where all are far away. */
export function nearestTo(wanted: string, names: readonly Known[]): string[] {
  const low = wanted.toLowerCase();
  let most = Math.max(1, Math.floor(low.length / 3));
  if (low.length < 2 || low.length > MAX_NAME) {
    return [];
  }
  const found: { name: string; far: number }[] = [];
  const compared = names.filter(one => Math.abs(one.low.length - low.length) <= most).slice(0, MAX_COMPARED);
  for (const one of compared) {
    const far = distance(low, one.low, most);
    if (far <= most) {
      found.push({ name: one.name, far });
      found.sort((a, b) => a.far - b.far).splice(MAX_MEANT);
      // Whoever is no nearer than the last of them is not among them.
      most = found.length < MAX_MEANT ? most : (found.at(-1)?.far ?? 0) - 1;
    }
  }
  return found.map(({ name }) => name);
}

/**
 * How many characters must be put in, taken out, replaced or changed over with their neighbour; if
 * they are more than `most`, it is given up for Infinity.
 */
export function distance(one: string, other: string, most = Infinity): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i += 1) {
    const now = [i];
    let least = i;
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isCrossed = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const far = Math.min(
        at(last, j) + 1,
        at(now, j - 1) + 1,
        at(last, j - 1) + Number(!isSame),
        isCrossed ? at(before, j - 2) + 1 : Infinity
      );
      now[j] = far;
      least = Math.min(least, far);
    }
    if (least > most) {
      return Infinity;
    }
    [before, last] = [last, now];
  }
  const far = at(last, other.length);
  return far <= most ? far : Infinity;
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Infinity;
}
