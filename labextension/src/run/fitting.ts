/** How charts share the room of a display. */

/** Units: CSS pixels. */
export const USUAL = 220;
const MOST = 360;

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
