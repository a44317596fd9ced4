/** How charts share the room of a display. */

/** Units: CSS pixels. */
export const USUAL = 220;
const MOST = 360;

/**
 * Which sections may stand side by side: those with one chart, if there are several in a row.
 *
 * @param counts How many charts each section shows, in their order; 0 if it is not shown.
 */
export function narrow(counts: readonly number[]): boolean[] {
  const shown = counts.flatMap((n, i) => (n > 0 ? [i] : []));
  const isSingle = (at: number | undefined): boolean => at !== undefined && counts[at] === 1;
  const found = counts.map(() => false);
  shown.forEach((at, i) => {
    found[at] = isSingle(at) && (isSingle(shown[i - 1]) || isSingle(shown[i + 1]));
  });
  return found;
}

/**
 * How high plots are to be: if there is one row of them, they take the room that is left.
 *
 * @param page What is scrolled; its height is the room.
 * @param node All charts, with what stands around them.
 * @param hosts The charts that are shown.
 * @param height How high plots are now.
 */
export function plotHeight(
  page: Element | null, node: HTMLElement, hosts: readonly HTMLElement[], height: number
): number {
  const isRow = new Set(hosts.map(host => Math.round(host.getBoundingClientRect().top))).size === 1;
  if (page === null || page.clientHeight === 0 || !isRow) {
    return USUAL;
  }
  const around = node.offsetHeight - height;
  return Math.min(MOST, Math.max(USUAL, Math.floor(page.clientHeight - around)));
}
