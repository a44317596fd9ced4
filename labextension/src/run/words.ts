/** What is said on the screen, and how numbers, times and values are spelled. */
import type { State } from '../wire/types.js';
import type { Progress } from './progress.js';

/** Translates; JupyterLab's TranslationBundle is one. `%1` stands for the first argument. */
export interface Words {
  __(text: string, ...args: (string | number)[]): string;
  _n(one: string, many: string, n: number, ...args: (string | number)[]): string;
}

/** English, for hosts that translate nothing. */
export const english: Words = {
  __: (text, ...args) => fill(text, args),
  _n: (one, many, n, ...args) => fill(n === 1 ? one : many, [n, ...args])
};

function fill(text: string, args: (string | number)[]): string {
  return text.replace(/%(\d)/g, (whole, index: string) => String(args[Number(index) - 1] ?? whole));
}

/** A duration as people say it. Units: seconds. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) {
    return '–';
  }
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.floor(seconds);
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  if (days > 0) {
    return `${days} d ${hours} h`;
  }
  if (hours > 0) {
    return `${hours} h ${two(minutes)} min`;
  }
  return minutes > 0 ? `${minutes} min ${two(rest)} s` : `${rest} s`;
}

/** A duration that is only guessed: no more of it than can be known. Units: seconds. */
export function roughly(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) {
    return '–';
  }
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) {
    return `${Math.ceil(seconds)} s`;
  }
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${two(minutes % 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A rate with three digits. */
export function rateText(rate: number): string {
  return rate >= 100 ? String(Math.round(rate)) : String(Number(rate.toPrecision(3)));
}

/** How a run gets on, in few words; empty where nothing is known. */
export function progressText({ rate, left_s, silent_s }: Progress, words: Words): string {
  if (silent_s !== null) {
    return words.__('idle for %1', roughly(silent_s));
  }
  if (rate === null) {
    return '';
  }
  const speed =
    rate < 0.1 ? words.__('%1 a step', roughly(1 / rate)) : words.__('%1 steps/s', rateText(rate));
  return left_s === null ? speed : `${speed} · ${words.__('%1 left', roughly(left_s))}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** A moment in the reader's own time. Units: seconds since 1970. */
export function moment(at: number | null | undefined): string {
  return at === null || at === undefined ? '–' : new Date(at * 1000).toLocaleString();
}

/** A number with six significant digits; whole numbers up to 2^53 in full. */
export function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    return String(value);
  }
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** Any value of a config or summary in one line. */
export function valueText(value: unknown): string {
  if (typeof value === 'number') {
    return number(value);
  }
  if (typeof value === 'string') {
    return value;
  }
  return value === undefined ? '–' : jsonText(value);
}

function jsonText(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner
    ) ?? '–'
  );
}

/** The word for a state, and what it means. */
export function stateWords(state: State, words: Words): { name: string; meaning: string } {
  switch (state) {
    case 'running':
      return { name: words.__('running'), meaning: words.__('The run is being recorded.') };
    case 'finished':
      return { name: words.__('finished'), meaning: words.__('The run ended well.') };
    case 'failed':
      return { name: words.__('failed'), meaning: words.__('The run ended with an error.') };
    case 'crashed':
      return {
        name: words.__('crashed'),
        meaning: words.__('The process that recorded the run is gone, and the run was not ended.')
      };
    case 'killed':
      return { name: words.__('stopped'), meaning: words.__('The run ended because someone asked it to.') };
    case 'preempting':
      return { name: words.__('preempting'), meaning: words.__('The machine is about to be taken away.') };
    case 'damaged':
      return { name: words.__('damaged'), meaning: words.__('The journal of the run cannot be read.') };
    default:
      // A later server may know more states.
      return { name: String(state satisfies never), meaning: '' };
  }
}
