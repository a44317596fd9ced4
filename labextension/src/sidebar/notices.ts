/** What stands in the place of the list when there is nothing to list, and what can be done then. */
import { reason } from '../run/index.js';
import { element } from '../run/elements.js';
import type { Words } from '../run/words.js';

/** A button in a notice. */
export interface Way {
  readonly label: string;
  act(): void;
}

const FIRST_STEPS = '%load_ext nbtracker\nrun = %tracker init --project digits';
const IN_PYTHON = 'import nbtracker\nrun = nbtracker.init(\n    project="digits"\n)';
const LOG = 'run.log({"loss": 0.5})';

/** Says how a first run is recorded, in words that can be copied into a cell. */
export function teach(words: Words, copy: (text: string) => void): HTMLElement {
  return element(
    'div',
    { class: 'nbt-notice' },
    element('p', {}, words.__('No runs yet. Execute this in a notebook, and the run appears here:')),
    element('pre', { class: 'nbt-steps' }, ...inWords(FIRST_STEPS)),
    button({ label: words.__('Copy'), act: () => copy(FIRST_STEPS) }),
    element('p', {}, words.__('Or, in a notebook or a script:')),
    element('pre', {}, ...inWords(IN_PYTHON)),
    button({ label: words.__('Copy Python'), act: () => copy(IN_PYTHON) }),
    element('p', {}, words.__('Then log, and the curve grows:'), ' ', element('code', {}, LOG))
  );
}

/** In a narrow panel lines are broken between words alone, not at the dashes of an option. */
function inWords(text: string): (HTMLElement | string)[] {
  return text.split(/(\s+)/).map(part => (/\S/.test(part) ? element('span', {}, part) : part));
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
