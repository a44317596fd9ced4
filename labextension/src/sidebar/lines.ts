/** From sections to lines that are numbered from the top, and back. Pure. */
import type { RunRow } from '../wire/types.js';
import type { Section } from './sections.js';

/** The head of a section, or a run of it; `row` is missing until its page comes. */
export type Line =
  | { readonly kind: 'section'; readonly section: Section }
  | { readonly kind: 'run'; readonly section: Section; readonly index: number; readonly row: RunRow | undefined };

/** All lines of a list, most of them never made. */
export class Lines {
  constructor(
    readonly sections: readonly Section[],
    /** Keys of the sections whose runs are not shown. */
    private readonly _collapsed: ReadonlySet<string>,
    readonly hasHeads: boolean
  ) {
    let start = 0;
    for (const section of sections) {
      this._starts.push(start);
      start += Number(hasHeads) + (this.isCollapsed(section) ? 0 : section.n_runs);
    }
    this.length = start;
  }

  /** How many there are. */
  readonly length: number;

  isCollapsed(section: Section): boolean {
    return this.hasHeads && this._collapsed.has(section.key);
  }

  /** The line of a number; undefined beyond the end. */
  at(line: number): Line | undefined {
    if (!(line >= 0 && line < this.length)) {
      return undefined;
    }
    const which = this._find(line);
    const section = this.sections[which] as Section;
    const index = line - (this._starts[which] as number) - Number(this.hasHeads);
    return index < 0
      ? { kind: 'section', section }
      : { kind: 'run', section, index, row: section.rows[index] };
  }

  /** Which rows of which sections stand on lines from the first to before the second. */
  parts(from: number, to: number): { section: Section; from: number; to: number }[] {
    return this.sections.flatMap((section, which) => {
      const first = (this._starts[which] as number) + Number(this.hasHeads);
      const n = this.isCollapsed(section) ? 0 : section.n_runs;
      const [start, end] = [Math.max(0, from - first), Math.min(n, to - first)];
      return start < end ? [{ section, from: start, to: end }] : [];
    });
  }

  /** The line of a key, as `keyOf` gives it; undefined if its page has not come. */
  find(key: string): number | undefined {
    for (const [which, section] of this.sections.entries()) {
      const start = this._starts[which] as number;
      if (this.hasHeads && keyOf({ kind: 'section', section }) === key) {
        return start;
      }
      if (!this.isCollapsed(section)) {
        const index = section.rows.findIndex(row => row !== undefined && nameOf(row) === key);
        if (index >= 0) {
          return start + Number(this.hasHeads) + index;
        }
      }
    }
    return undefined;
  }

  private _find(line: number): number {
    let [low, high] = [0, this._starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this._starts[middle] as number) <= line) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private readonly _starts: number[] = [];
}

/** How a run is called: `project/id`. */
export function nameOf({ project, id }: { readonly project: string; readonly id: string }): string {
  return `${project}/${id}`;
}

/** What a line is known by when others come before it. */
export function keyOf(line: Line): string | undefined {
  if (line.kind === 'section') {
    return `section:${line.section.key}`;
  }
  return line.row && nameOf(line.row);
}
