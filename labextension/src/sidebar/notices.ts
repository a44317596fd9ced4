/** What stands in the place of the list when there is nothing to list, and what can be done then. */
import { reason } from '../run/index.js';
import { element } from '../run/elements.js';
import type { Words } from '../run/words.js';

/** A button in a notice. */
export interface Way {
  readonly label: string;
  act(): void;
}

const FIRST_STEPS = '%load_ext nbtracker\n%tracker init --project digits';

/** Says how a first run is recorded, in words that can be copied into a cell. */
export function teach(words: Words, copy: (text: string) => void): HTMLElement {
  return element(
    'div',
    { class: 'nbt-notice' },
    element('p', {}, words.__('No runs yet. Execute this in a notebook, and what its cells log appears here:')),
    element('pre', { class: 'nbt-steps', tabindex: '0', 'aria-label': words.__('First steps') }, FIRST_STEPS),
    button({ label: words.__('Copy'), act: () => copy(FIRST_STEPS) }),
    element('p', {}, words.__('Or in Python:'), ' ', element('code', {}, 'nbtracker.init(project="digits")'))
  );
}

/** Says one thing, with ways out of it. */
export function notice(text: string, ways: readonly Way[]): HTMLElement {
  return element('div', { class: 'nbt-notice' }, element('p', {}, text), ...ways.map(button));
}

/** Says what went wrong, with ways out of it. */
export function trouble(error: unknown, ways: readonly Way[]): HTMLElement {
  const made = notice(reason(error), ways);
  made.setAttribute('role', 'alert');
  made.classList.add('nbt-bad');
  return made;
}

function button({ label, act }: Way): HTMLElement {
  return element('button', { type: 'button', class: 'nbt-button', onclick: () => act() }, label);
}
