/** A run as it was saved with the notebook, for when it cannot be followed. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { element } from '../run/elements.js';
import type { Words } from '../run/words.js';

/** The saved picture and text of an output; null if it has neither. */
export function atRest(data: ReadonlyPartialJSONObject, words: Words): HTMLElement | null {
  const picture = textOf(data['image/svg+xml']);
  const text = textOf(data['text/plain']);
  if (picture === '' && text === '') {
    return null;
  }
  const said = text === '' ? null : element('pre', { class: 'nbt-source', tabindex: '0' }, text);
  return element(
    'figure',
    { class: 'nbt-at-rest' },
    picture === '' ? null : imageOf(picture, text),
    picture === '' || said === null
      ? said
      : element('details', {}, element('summary', {}, words.__('As text')), said)
  );
}

/** A picture that is an image runs no script and asks nobody for anything. */
function imageOf(picture: string, text: string): HTMLElement {
  const [first = ''] = text.split('\n');
  return element('img', {
    src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`,
    alt: first
  });
}

function textOf(value: unknown): string {
  const lines: unknown[] = Array.isArray(value) ? value : [value];
  return lines.filter(line => typeof line === 'string').join('');
}
