/** Pages that could not be had: nobody asks for them for a while, whoever looks at them. */

/** Units: milliseconds. */
const REST_MS = 5000;

/** Remembers what failed, until its rest is over or somebody wants it all the same. */
export class Failures {
  constructor(private readonly _onOver: () => void) {}

  /** Whether nothing failed lately. */
  get isEmpty(): boolean {
    return this._pages.size === 0;
  }

  has(section: string, page: number): boolean {
    return this._pages.has(keyOf(section, page));
  }

  add(section: string, page: number): void {
    this._pages.add(keyOf(section, page));
    this._timer ??= setTimeout(() => {
      this.forget();
      this._onOver();
    }, REST_MS);
  }

  /** Has all of them asked for again. */
  forget(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    this._pages.clear();
  }

  private readonly _pages = new Set<string>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

function keyOf(section: string, page: number): string {
  return `${page} ${section}`;
}
