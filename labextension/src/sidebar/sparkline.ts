/** A curve as small as a word: the path of an SVG. Pure. */

/** Units: of the SVG's view box. */
export const SPARK = { width: 64, height: 18, margin: 1.5 } as const;

/** Draws a line through numbers; what is no number is a gap, a number alone is a dot. */
export function sparkPath(numbers: readonly (number | null)[]): string {
  const finite = numbers.filter(value => value !== null && Number.isFinite(value)) as number[];
  if (finite.length === 0) {
    return '';
  }
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
  const { width, height, margin } = SPARK;
  // By halves: the distance of two numbers may be more than any number.
  const range = high / 2 - low / 2;
  const rise = (value: number): number =>
    range > 0 ? Math.min(1, (value / 2 - low / 2) / range) * (height - 2 * margin) : height / 2 - margin;
  const step = numbers.length > 1 ? (width - 2 * margin) / (numbers.length - 1) : 0;
  let path = '';
  let isDown = false;
  numbers.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      isDown = false;
      return;
    }
    const [x, y] = [margin + index * step, height - margin - rise(value)];
    // A line of no length has round ends: a dot.
    path += isDown ? `L${x.toFixed(1)} ${y.toFixed(1)}` : `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
    isDown = true;
  });
  return path;
}
