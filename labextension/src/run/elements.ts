/** Elements made from data: what a run says goes in as text, never as markup. */

type Child = Node | string | null | undefined;

/** What an element is given; `on...` are listeners, the rest attributes. */
type Given = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** Makes an element with attributes, listeners and children; strings become text nodes. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Given = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') {
      made.addEventListener(name.slice(2), value);
    } else if (value === true) {
      made.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** Sets the text of an element if it is another one, so that nothing is laid out or read again. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/**
 * Gives an element a height, or lets it be as high as its content up to that; in a way that a page
 * with a strict policy for styles allows.
 */
export function setHeight(target: HTMLElement, height: number, isFull = true): void {
  target.style.height = isFull ? `${height}px` : '';
  target.style.maxHeight = isFull ? '' : `${height}px`;
}

/** Has exactly these children, in this order; those that stand right already are not moved. */
export function arrange(parent: Element, children: readonly Node[]): void {
  const wanted = new Set(children);
  [...parent.childNodes].filter(child => !wanted.has(child)).forEach(child => child.remove());
  let at = parent.firstChild;
  for (const child of children) {
    if (child === at) {
      at = at.nextSibling;
    } else {
      parent.insertBefore(child, at);
    }
  }
}

let n_ids = 0;

/** An id for this page, for labels that point at what they name. */
export function freshId(purpose: string): string {
  n_ids += 1;
  return `nbt-${purpose}-${n_ids}`;
}
