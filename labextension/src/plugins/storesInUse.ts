/** Which stores are shown on this page, in the panel or in an output. */
export class StoresInUse {
  /** Each once, however often it is shown. */
  get names(): string[] {
    return [...this._counts.keys()];
  }

  /** Notes that a store is shown; returns what ends that. */
  use(store: string): () => void {
    this._count(store, 1);
    let isOver = false;
    return () => {
      if (!isOver) {
        isOver = true;
        this._count(store, -1);
      }
    };
  }

  /** Calls the listener when there are others; returns what ends that. */
  listen(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => void this._listeners.delete(listener);
  }

  private _count(store: string, by: number): void {
    const before = this._counts.size;
    const n = (this._counts.get(store) ?? 0) + by;
    if (n > 0) {
      this._counts.set(store, n);
    } else {
      this._counts.delete(store);
    }
    if (this._counts.size !== before) {
      this._listeners.forEach(listener => listener());
    }
  }

  private readonly _counts = new Map<string, number>();
  private readonly _listeners = new Set<() => void>();
}
