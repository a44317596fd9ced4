/** Texts of runs that are longer than what is told of them. */

/** The same as in nbtracker/wire/documents.py. Units: characters. */
const MOST = { name: 1_000, notes: 100_000 };
/** What the server puts at the end of what it cut. */
const CUT = '\u2026';

/** Whether only the beginning of a text is here: written back, it would take the place of all of it. */
export function isCut(what: keyof typeof MOST, text: string | null): boolean {
  // Of letters beyond the basic ones, the server counts one where JavaScript counts two.
  return text !== null && text.endsWith(CUT) && text.length >= MOST[what] && [...text].length === MOST[what];
}
