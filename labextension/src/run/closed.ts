/** Which sections of charts the user closed, remembered by their names. */
import type { Storage } from './options.js';

const KEY = 'sections:closed';
/** Of more, those that were closed last are remembered. */
const MAX_NAMES = 200;
const MAX_LETTERS = 200;

/** The sections that are closed; nothing is written but what the user does. */
export class ClosedSections {
  constructor(private readonly _storage: Storage) {
    this._names = new Set(this._read());
  }

  has(section: string): boolean {
    return this._names.has(short(section));
  }

  set(section: string, isClosed: boolean): void {
    const name = short(section);
    // Another display may have written since this one was made.
    const others = this._read().filter(one => one !== name);
    const names = isClosed ? [...others, name].slice(-MAX_NAMES) : others;
    this._names = new Set(names);
    this._storage.set(KEY, names);
  }

  private _read(): string[] {
    const said = this._storage.get(KEY);
    const names = Array.isArray(said) ? (said as unknown[]).filter(name => typeof name === 'string') : [];
    return names.map(short).slice(-MAX_NAMES);
  }

  private _names: ReadonlySet<string>;
}

function short(name: string): string {
  return name.slice(0, MAX_LETTERS);
}
