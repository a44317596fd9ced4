/** Names that somebody may have meant who misspelled one. Pure. */

const MAX_NAME = 80;

/** The nearest of the names, at most three; none where all are far away. */
export function nearestTo(wanted: string, names: readonly string[]): string[] {
  const low = wanted.toLowerCase();
  const most = Math.max(1, Math.floor(low.length / 3));
  if (low.length < 2 || low.length > MAX_NAME) {
    return [];
  }
  return [...new Set(names)]
    .filter(name => Math.abs(name.length - low.length) <= most)
    .map(name => ({ name, far: distance(low, name.toLowerCase()) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** How many characters must be put in, taken out, replaced or changed over with their neighbour. */
export function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i += 1) {
    const now = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isCrossed = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      now[j] = Math.min(
        at(last, j) + 1,
        at(now, j - 1) + 1,
        at(last, j - 1) + Number(!isSame),
        isCrossed ? at(before, j - 2) + 1 : Infinity
      );
    }
    [before, last] = [last, now];
  }
  return at(last, other.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Infinity;
}
