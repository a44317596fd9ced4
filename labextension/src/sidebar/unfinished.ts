/** Whether whoever types a filter is plainly in the middle of it. Pure. */

/** As the server takes a filter apart: a text in quotes, with what is escaped in it, or one character. */
const PIECE = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^]/g;
const OPENING = '([{';
const CLOSING = ')]}';

/** Whether a quote or a bracket is open, or an operator has no value yet. */
export function isUnfinished(filter: string): boolean {
  const text = filter.trim();
  let depth = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '"' || piece === "'") {
      return true;
    }
    depth += piece.length > 1 ? 0 : Number(OPENING.includes(piece)) - Number(CLOSING.includes(piece));
  }
  return depth > 0 || /[=<>!~]$/.test(text);
}
