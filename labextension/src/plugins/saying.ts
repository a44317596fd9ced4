/** Sentences that come up in a corner, and can be read again in JupyterLab's list of them. */
import { Notification } from '@jupyterlab/apputils';

import { reason } from '../run/index.js';

/** Without a time, JupyterLab puts a notification into its list and shows it to nobody. */
const SEEN_MS = 10_000;
/** JupyterLab cuts what is longer than 140 characters. */
const MOST = 135;

/** Says something. */
export function say(text: string, kind: 'info' | 'warning' | 'error' = 'info'): void {
  Notification.emit(shorten(text, MOST), kind, { autoClose: SEEN_MS });
}

/** Says what went wrong. */
export function sayWhy(error: unknown): void {
  say(reason(error), 'error');
}

/** Cuts a text to so many characters. */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
