/** Colours and fonts of the surroundings, read when a chart is drawn. */

import { colorOf, luminance, parseColor, readable, type Rgb } from './palette.js';

/** What a chart is drawn with; colours that a canvas understands. */
export interface Theme {
  text: string;
  faint: string;
  grid: string;
  ground: string;
  font: string;
  isDark: boolean;
  /** The user asked the system for few colours: lines differ by their dashes, all from the first. */
  isForced: boolean;
}

const NAMES = {
  text: ['--jp-ui-font-color1', '--vscode-editor-foreground', '--vscode-foreground'],
  faint: ['--jp-ui-font-color2', '--vscode-descriptionForeground'],
  grid: ['--jp-border-color2', '--vscode-editorIndentGuide-background', '--vscode-panel-border'],
  ground: ['--jp-layout-color0', '--vscode-notebook-outputContainerBackgroundColor', '--vscode-editor-background'],
  font: ['--jp-ui-font-family', '--vscode-font-family']
} as const;

const LIGHT = { text: '#212121', faint: '#616161', grid: '#e0e0e0', ground: '#ffffff' };
const DARK = { text: '#e6e6e6', faint: '#b0b0b0', grid: '#3c3c3c', ground: '#111111' };
/** Colours of the user's own that stand out from the ground; two of them may look alike. */
const FORCED = ['CanvasText', 'LinkText', 'Highlight'];
const FONT = 'system-ui, sans-serif';

/** Read the theme that an element stands in. */
export function themeOf(node: Element): Theme {
  const view = node.ownerDocument.defaultView;
  const style = view?.getComputedStyle(node);
  const read = (names: readonly string[]): string =>
    names.map(name => style?.getPropertyValue(name).trim() ?? '').find(value => value !== '') ?? '';
  const prefers = (query: string): boolean => view?.matchMedia?.(query).matches ?? false;
  if (prefers('(forced-colors: active)')) {
    const text = 'CanvasText';
    return { text, faint: text, grid: 'rgb(128 128 128 / 0.4)', ground: 'Canvas', font: FONT, isDark: false, isForced: true };
  }
  const ground = opaque(read(NAMES.ground));
  const text = opaque(read(NAMES.text));
  const isDark = darkness(ground, text) ?? prefers('(prefers-color-scheme: dark)');
  const fallback = isDark ? DARK : LIGHT;
  return {
    text: text || fallback.text,
    faint: opaque(read(NAMES.faint)) || fallback.faint,
    grid: opaque(read(NAMES.grid)) || fallback.grid,
    ground: ground || fallback.ground,
    font: read(NAMES.font) || FONT,
    isDark,
    isForced: false
  };
}

/** The colour of a line: the one asked for if there is one, made readable. */
export function lineColor(theme: Theme, i: number, asked?: string): string {
  if (theme.isForced) {
    return FORCED[i % FORCED.length] ?? theme.text;
  }
  const wanted = asked !== undefined && parseColor(asked) !== null ? asked : colorOf(i, theme.isDark);
  return readable(wanted, groundOf(theme));
}

/** Call back when the theme changes; returns how to stop. */
export function watchTheme(node: Element, changed: () => void): () => void {
  const { documentElement: root, body, defaultView: view } = node.ownerDocument;
  const observer = new MutationObserver(changed);
  for (const target of [root, body]) {
    observer.observe(target, { attributes: true });
  }
  const queries = ['(forced-colors: active)', '(prefers-color-scheme: dark)']
    .map(query => view?.matchMedia?.(query))
    .filter(query => query !== undefined);
  queries.forEach(query => query.addEventListener('change', changed));
  return () => {
    observer.disconnect();
    queries.forEach(query => query.removeEventListener('change', changed));
  };
}

function groundOf(theme: Theme): Rgb {
  return parseColor(theme.ground) ?? (theme.isDark ? [17, 17, 17] : [255, 255, 255]);
}

function opaque(color: string): string {
  const isClear = /^(transparent$|rgba\(.*[,/]\s*0(\.0+)?\s*\)$)/.test(color);
  return isClear ? '' : color;
}

function darkness(ground: string, text: string): boolean | null {
  const below = parseColor(ground);
  if (below !== null) {
    return luminance(below) < 0.18;
  }
  const above = parseColor(text);
  return above === null ? null : luminance(above) > 0.4;
}
