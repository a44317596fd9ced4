/** What the server says, decoded once: JSON with non-finite numbers, and the binary series. */

import type { SeriesHeader } from './types.js';

/** What is said is not what was agreed on. */
export class WireError extends Error {
  override name = 'WireError';
}

/** What the bins of one metric hold; each array has one value a bin. */
export interface SeriesColumns {
  /** Of the finite numbers of a bin; NaN if there is none. */
  first: Float64Array;
  last: Float64Array;
  min: Float64Array;
  max: Float64Array;
  /** How many rows of the bin have the metric, as whatever number. */
  count: Float64Array;
  n_nan: Float64Array;
  n_pos_inf: Float64Array;
  n_neg_inf: Float64Array;
  /** The average at the last number of each bin; null if it was not asked for. */
  ema: Float64Array | null;
}

/** Some metrics of a run in bins. The arrays are views into the reply. */
export interface Series {
  header: SeriesHeader;
  xFirst: Float64Array;
  xLast: Float64Array;
  metrics: Map<string, SeriesColumns>;
}

const MAX_HEADER_BYTES = 32 * 1024 * 1024;
const NAMES = ['first', 'last', 'min', 'max', 'count', 'n_nan', 'n_pos_inf', 'n_neg_inf'] as const;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Decode the reply to a series query. Lengths and offsets that lead outside are refused. */
export function decodeSeries(reply: ArrayBuffer | ArrayBufferView): Series {
  const bytes = ArrayBuffer.isView(reply)
    ? new Uint8Array(reply.buffer, reply.byteOffset, reply.byteLength)
    : new Uint8Array(reply);
  const start = headerEnd(bytes);
  const header = checked(parseHeader(bytes.subarray(4, start)));
  const floats = floatsFrom(bytes, start);
  const column = (offset: unknown): Float64Array => {
    if (!isCount(offset) || offset + header.n_bins > floats.length) {
      throw new WireError(`an array of the series leads outside of the reply, at ${String(offset)}`);
    }
    return floats.subarray(offset, offset + header.n_bins);
  };
  const metrics = new Map<string, SeriesColumns>();
  for (const { name, arrays } of header.metrics) {
    const at = (key: string): unknown => (arrays as unknown as Record<string, unknown>)[key];
    const [first, last, min, max, count, n_nan, n_pos_inf, n_neg_inf] = NAMES.map(key =>
      column(at(key))
    ) as Eight<Float64Array>;
    const ema = at('ema') === undefined || at('ema') === null ? null : column(at('ema'));
    metrics.set(name, { first, last, min, max, count, n_nan, n_pos_inf, n_neg_inf, ema });
  }
  const { x_first, x_last } = header.arrays;
  return { header, xFirst: column(x_first), xLast: column(x_last), metrics };
}

type Eight<T> = [T, T, T, T, T, T, T, T];

function headerEnd(bytes: Uint8Array): number {
  if (bytes.byteLength < 4) {
    throw new WireError(`a series of ${bytes.byteLength} bytes is too short`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const end = 4 + length;
  if (length > MAX_HEADER_BYTES || end > bytes.byteLength) {
    throw new WireError(`the header of the series has ${length} bytes, the reply ${bytes.byteLength}`);
  }
  if (end % 8 !== 0 || (bytes.byteLength - end) % 8 !== 0) {
    throw new WireError('the numbers of the series do not stand at multiples of 8 bytes');
  }
  return end;
}

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return parsePlain(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new WireError(`the header of the series is no JSON: ${String(error)}`);
  }
}

function checked(value: unknown): SeriesHeader {
  const header = value as Partial<Record<keyof SeriesHeader, unknown>> | null;
  if (typeof header !== 'object' || header === null) {
    throw new WireError('the header of the series is no object');
  }
  const { n_rows, rows_per_bin, first_bin, n_bins, metrics, stretches, arrays } = header;
  if (![n_rows, rows_per_bin, first_bin, n_bins].every(isCount)) {
    throw new WireError('a number in the header of the series is no count');
  }
  if (!isPowerOfTwo(rows_per_bin as number)) {
    throw new WireError(`bins of ${String(rows_per_bin)} rows are no power of two`);
  }
  const areStretches = Array.isArray(stretches) && stretches.every(isStretch);
  const areMetrics = Array.isArray(metrics) && metrics.every(isMetric);
  if (!areStretches || !areMetrics || typeof arrays !== 'object' || arrays === null) {
    throw new WireError('the header of the series lacks metrics, stretches or arrays');
  }
  return value as SeriesHeader;
}

function isStretch(value: unknown): boolean {
  const { row, segment, execution } = (value ?? {}) as Record<string, unknown>;
  return isCount(row) && isCount(segment) && (execution === null || typeof execution === 'string');
}

function isMetric(value: unknown): boolean {
  const { name, arrays } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && typeof arrays === 'object' && arrays !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}

function floatsFrom(bytes: Uint8Array, start: number): Float64Array {
  const length = (bytes.byteLength - start) / 8;
  const at = bytes.byteOffset + start;
  if (IS_LITTLE_ENDIAN) {
    // A message of a comm may begin anywhere in its buffer.
    return at % 8 === 0
      ? new Float64Array(bytes.buffer as ArrayBuffer, at, length)
      : new Float64Array(bytes.slice(start).buffer);
  }
  const view = new DataView(bytes.buffer, at);
  return Float64Array.from({ length }, (_, i) => view.getFloat64(8 * i, true));
}

const SPELLED = new Map<unknown, number>([
  ['nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity]
]);

const OWN_TYPE = /^\$+_type$/;

/**
 * Parse JSON in which NaN and infinities are spelled as `{"_type": "float", "value": "nan"}`.
 * `{"_type": "int", "value": "..."}` is a whole number that no number here can hold: its digits
 * stay a text. Keys `_type` of a run's own have a `$` before them, which is taken away.
 */
export function parsePlain(text: string): unknown {
  const hasOwnTypes = text.includes('$_type"');
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const { _type, value: spelled } = value as Record<string, unknown>;
    if (_type === 'int' && typeof spelled === 'string') {
      return spelled;
    }
    const number = _type === 'float' ? SPELLED.get(spelled) : undefined;
    return number ?? (hasOwnTypes && !Array.isArray(value) ? withOwnTypes(value) : value);
  });
}

function withOwnTypes(value: object): object {
  const entries = Object.entries(value);
  return entries.some(([key]) => OWN_TYPE.test(key))
    ? Object.fromEntries(entries.map(([key, one]) => [OWN_TYPE.test(key) ? key.slice(1) : key, one]))
    : value;
}
