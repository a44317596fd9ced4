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
  const scale = high > low ? (height - 2 * margin) / (high - low) : 0;
  const middle = scale === 0 ? height / 2 : height - margin;
  const step = numbers.length > 1 ? (width - 2 * margin) / (numbers.length - 1) : 0;
  let path = '';
  let isDown = false;
  numbers.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      isDown = false;
      return;
    }
    const [x, y] = [margin + index * step, middle - (value - low) * scale];
    // A line of no length has round ends: a dot.
    path += isDown ? `L${x.toFixed(1)} ${y.toFixed(1)}` : `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
    isDown = true;
  });
  return path;
}
