/** The display of a run as an anywidget, for hosts without our renderer. */
import css from '../style/run.css';
import { mountRun } from './run/index.js';
import { CommFeed, type Model } from './wire/commFeed.js';

/** The traits of `nbtracker.screen.widget`; what is missing has its default. */
interface Traits {
  height?: number;
  title?: string;
}

interface RenderProps {
  readonly model: Model & { get<K extends keyof Traits>(name: K): Traits[K] };
  readonly el: HTMLElement;
}

/** Draws into the element; returns what takes it down again. */
function render({ model, el }: RenderProps): () => void {
  // Nothing of ours leaks into the host's page, and nothing of its styles into ours.
  const root = el.shadowRoot ?? el.attachShadow({ mode: 'open' });
  const host = document.createElement('div');
  root.replaceChildren(host);
  wear(root);

  const feed = new CommFeed(model);
  const [height, title] = [model.get('height'), model.get('title')];
  const shown = mountRun(host, feed, {
    ...(typeof height === 'number' ? { height } : {}),
    ...(typeof title === 'string' && title !== '' ? { title } : {})
  });
  return () => {
    shown.dispose();
    feed.dispose();
    root.replaceChildren();
  };
}

/** A constructed sheet is allowed by a content security policy that forbids inline styles. */
function wear(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    style.textContent = css;
    root.prepend(style);
  }
}

export default { render };
