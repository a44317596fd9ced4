/** Making elements; all text is put in as text. */

/** Make an element with attributes and children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Readonly<Record<string, string>> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** Change a text only if it differs: a live region is read out again otherwise. */
export function say(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

let nIds = 0;

/** A name for an element that no other chart has. */
export function newId(): string {
  nIds += 1;
  return `nbt-chart-${nIds}`;
}

/** Give the user a file. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = make('a', { href: url, download: name.replace(/[^\w.-]+/g, '_') });
  link.click();
  // Some browsers begin to read only after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
