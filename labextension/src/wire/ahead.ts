/** Answers that a busy kernel sent without being asked, kept for questions that are still to come. */
import { decodeSeries, parsePlain, type Series } from './decode.js';
import type { SeriesQuery } from './feed.js';

/** An answer of the kernel: JSON, or a series. */
export interface Reply {
  readonly body: unknown;
  readonly series: Series | null;
}

interface Kept {
  readonly what: string;
  readonly args: Partial<SeriesQuery>;
  readonly reply: Reply;
}

const MAX_KEPT = 64;

/** What a kernel answered ahead; all of it is void as soon as the kernel takes messages again. */
export class Ahead {
  /** Takes in `[{what, args, body}, ...]`, with one buffer for each series, in their order. */
  take(said: unknown, buffers: readonly (ArrayBuffer | ArrayBufferView)[]): void {
    const rest = [...buffers];
    for (const one of Array.isArray(said) ? (said as unknown[]) : []) {
      const { what, args, body } = (one ?? {}) as Record<string, unknown>;
      const buffer = what === 'series' ? rest.shift() : undefined;
      if (typeof what === 'string' && typeof args === 'object' && args !== null) {
        try {
          this._keep({ what, args, reply: replyOf(body, buffer) });
        } catch {
          // Whoever asks for it will be told by the kernel itself.
        }
      }
    }
  }

  /** The newest answer to a question; null if there is none that holds all that is asked for. */
  find(what: string, args: object): Reply | null {
    return this._kept.findLast(kept => kept.what === what && holds(kept, args))?.reply ?? null;
  }

  clear(): void {
    this._kept = [];
  }

  private _keep(kept: Kept): void {
    const same = nameOf(kept);
    this._kept = [...this._kept.filter(other => nameOf(other) !== same), kept].slice(-MAX_KEPT);
  }

  private _kept: Kept[] = [];
}

/** Makes an answer of what a comm brings; spelled as over HTTP, NaN means the same on both. */
export function replyOf(body: unknown, buffer: ArrayBuffer | ArrayBufferView | undefined): Reply {
  return {
    body: parsePlain(JSON.stringify(body ?? null)),
    series: buffer === undefined ? null : decodeSeries(buffer)
  };
}

function holds({ what, args, reply }: Kept, asked: Partial<SeriesQuery>): boolean {
  if (what !== 'series') {
    return true;
  }
  const begins = args.since ?? 0;
  return (
    reply.series !== null &&
    manner(args) === manner(asked) &&
    begins <= (asked.since ?? 0) &&
    (asked.metrics ?? []).every(metric => args.metrics?.includes(metric) === true)
  );
}

/** How many bins there are, and where they begin, may differ: charts put them together. */
function manner({ x, rows, width, ema }: Partial<SeriesQuery>): string {
  return JSON.stringify([x ?? '_step', rows ?? null, width ?? null, ema ?? null]);
}

function nameOf({ what, args }: Kept): string {
  return JSON.stringify([what, args.metrics ?? null, manner(args)]);
}
