/** What tells paths from each other in little room. Pure. */

/**
 * The last part of each path, with as many folders before it as tell it from the others that end
 * alike.
 */
export function shortPaths(paths: Iterable<string>): Map<string, string> {
  const short = new Map<string, string>();
  let left = [...new Set(paths)].map(path => ({ path, parts: path.split(/[\\/]+/).filter(Boolean) }));
  for (let n = 1; left.length > 0; n += 1) {
    const ends = new Map<string, typeof left>();
    for (const one of left) {
      const end = one.parts.slice(-n).join('/');
      ends.set(end, [...(ends.get(end) ?? []), one]);
    }
    left = [];
    for (const [end, alike] of ends) {
      const longer = alike.length > 1 ? alike.filter(({ parts }) => parts.length > n) : [];
      alike.filter(one => !longer.includes(one)).forEach(({ path }) => short.set(path, end || path));
      left.push(...longer);
    }
  }
  return short;
}
