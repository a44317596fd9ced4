/** Which runs are selected, by name, and which line the keyboard is on. */

/** How many runs can be compared at once; the server takes no more. */
export const MAX_COMPARED = 50;

/** What is selected; ranges go from the anchor to the active line. */
export class Selection {
  /** Names of runs, as `project/id`, in the order in which they were selected. */
  readonly names = new Set<string>();
  /** The key of the line that the keyboard is on. */
  active: string | null = null;
  /** Where that line was when it was seen last. */
  activeLine = 0;
  /** The key of the line a range begins at. */
  anchor: string | null = null;
  /** Where that line was when it was seen last. */
  anchorLine = 0;

  /** What a comparison shows, in the order of its curves; nothing if that is one run. */
  get compared(): string[] {
    return this.names.size > 1 ? [...this.names].slice(0, MAX_COMPARED) : [];
  }

  /** Selects these runs and no others. */
  only(names: readonly string[]): void {
    this.names.clear();
    names.forEach(name => this.names.add(name));
  }

  toggle(name: string): void {
    if (!this.names.delete(name)) {
      this.names.add(name);
    }
  }
}
