/** Cutting lines at the edges of the plot: a canvas draws places far outside wrongly. */

const MARGIN = 16;

/** Cut lines a little outside of the plot; lines inside stay the same arrays. */
export function clipped(lines: number[][], width: number, height: number): number[][] {
  return lines.flatMap(line => (isInside(line, width, height) ? [line] : cut(line, width, height)));
}

function isInside(line: number[], width: number, height: number): boolean {
  return line.every((value, i) => value >= -MARGIN && value <= (i % 2 === 0 ? width : height) + MARGIN);
}

function cut(line: number[], width: number, height: number): number[][] {
  const pieces: number[][] = [];
  let piece: number[] = [];
  for (let i = 2; i < line.length; i += 2) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = line.slice(i - 2, i + 2);
    const part = within(ax, ay, bx, by, width, height);
    if (part === null) {
      continue;
    }
    const [from, to] = part;
    const x = ax + from * (bx - ax);
    const y = ay + from * (by - ay);
    if (piece.at(-2) !== x || piece.at(-1) !== y) {
      piece = [x, y];
      pieces.push(piece);
    }
    piece.push(to === 1 ? bx : ax + to * (bx - ax), to === 1 ? by : ay + to * (by - ay));
  }
  return pieces;
}

/**
 * Which part of a line, from 0 to 1, is inside.
 *
 * Source: Liang and Barsky, "A New Concept and Method for Line Clipping", 1984.
 */
function within(
  ax: number, ay: number, bx: number, by: number, width: number, height: number
): [number, number] | null {
  let from = 0;
  let to = 1;
  const sides: [number, number][] = [
    [ax - bx, ax + MARGIN],
    [bx - ax, width + MARGIN - ax],
    [ay - by, ay + MARGIN],
    [by - ay, height + MARGIN - ay]
  ];
  for (const [slope, room] of sides) {
    if (slope === 0) {
      if (room < 0) {
        return null;
      }
    } else if (slope < 0) {
      from = Math.max(from, room / slope);
    } else {
      to = Math.min(to, room / slope);
    }
  }
  return from <= to ? [from, to] : null;
}
