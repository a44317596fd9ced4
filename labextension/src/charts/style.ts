/** The looks of charts, put into whichever document or shadow tree they stand in. */

const TEXT = 'var(--jp-ui-font-color1, var(--vscode-foreground, CanvasText))';
const FAINT = 'var(--jp-ui-font-color2, var(--vscode-descriptionForeground, CanvasText))';
const GROUND = 'var(--jp-layout-color0, var(--vscode-editor-background, Canvas))';
const LINE = 'var(--jp-border-color1, var(--vscode-panel-border, GrayText))';
const FOCUS = 'var(--jp-brand-color1, var(--vscode-focusBorder, Highlight))';

const CSS = `
.nbt-chart { position: relative; margin: 0; color: ${TEXT}; background: transparent;
  font: 12px/1.4 var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif)); min-width: 0; }
.nbt-chart, .nbt-chart * { box-sizing: border-box; }
.nbt-chart [hidden] { display: none !important; }
.nbt-chart-head { display: flex; align-items: center; gap: 6px; min-height: 24px; }
.nbt-chart-title { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 0 1 auto; }
.nbt-chart-note { color: ${FAINT}; font-size: 11px; flex: 1 1 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.nbt-chart button, .nbt-chart select { font: inherit; color: inherit; background: ${GROUND}; border: 1px solid ${LINE};
  border-radius: 3px; padding: 1px 6px; min-height: 24px; min-width: 24px; cursor: pointer; }
.nbt-chart button[aria-pressed='true'], .nbt-chart button[aria-expanded='true'] { border-color: ${FOCUS}; box-shadow: inset 0 0 0 1px ${FOCUS}; }
.nbt-chart :focus-visible { outline: 2px solid ${FOCUS}; outline-offset: 1px; }
.nbt-chart-tools { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px; padding: 2px 0 4px; }
.nbt-chart-tools label { display: inline-flex; align-items: center; gap: 4px; }
.nbt-chart-tools select { max-width: 150px; }
.nbt-chart-tools input[type='range'] { width: 80px; min-width: 40px; margin: 0; accent-color: ${FOCUS}; }
.nbt-chart-tools small { flex: 1 1 100%; color: ${FAINT}; font-size: 11px; }
.nbt-chart-plot { position: relative; width: 100%; overflow: hidden; }
.nbt-chart-legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0 4px; margin: 0; padding: 2px; max-height: 86px; overflow: auto; }
.nbt-chart-legend li { max-width: 100%; }
.nbt-chart .nbt-chart-legend button { display: inline-flex; align-items: center; gap: 5px; max-width: 100%; padding: 0 4px;
  overflow-wrap: anywhere; text-align: start; border-color: transparent; background: transparent; box-shadow: none; }
.nbt-chart .nbt-chart-legend button:hover { border-color: ${LINE}; }
.nbt-chart .nbt-chart-legend button[aria-pressed='false'] { color: ${FAINT}; text-decoration: line-through; }
.nbt-chart .nbt-chart-legend button[aria-pressed='false'] svg { opacity: 0.3; }
.nbt-chart-legend svg { flex: none; }
.nbt-chart-tip { position: absolute; z-index: 10; pointer-events: none; max-width: min(360px, 90%); padding: 4px 8px;
  color: ${TEXT}; background: ${GROUND}; border: 1px solid ${LINE}; border-radius: 3px; font-variant-numeric: tabular-nums; }
.nbt-chart-tip div { overflow-wrap: anywhere; }
.nbt-chart-tip div + div { border-top: 1px solid ${LINE}; margin-top: 3px; padding-top: 3px; }
.nbt-chart-tip:has(.nbt-chart-near) { line-height: 15px; padding: 3px 8px; }
.nbt-chart-tip:has(.nbt-chart-near) div { border: none; margin: 0; padding: 0; }
.nbt-chart-near { font-weight: 600; }
.nbt-chart-near small { font-weight: 400; }
.nbt-chart-tip i { display: inline-block; width: 8px; height: 8px; margin-right: 5px; border-radius: 4px; forced-color-adjust: none; }
.nbt-chart-tip small { display: block; color: ${FAINT}; font-size: 11px; }
.nbt-chart-quiet { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.nbt-chart-table { max-height: 260px; overflow: auto; border: 1px solid ${LINE}; margin-top: 4px; }
.nbt-chart-table table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.nbt-chart-table th, .nbt-chart-table td { text-align: right; padding: 1px 6px; border-bottom: 1px solid ${LINE}; white-space: nowrap; }
.nbt-chart-table th:first-child, .nbt-chart-table td:first-child { text-align: left; max-width: 16em; overflow: hidden; text-overflow: ellipsis; }
.nbt-chart-table thead th { position: sticky; top: 0; background: ${GROUND}; }
.nbt-chart-pages { display: flex; gap: 6px; align-items: center; padding: 4px; }
.nbt-chart .uplot { width: 100%; font-family: inherit; }
.nbt-chart .u-wrap { position: relative; user-select: none; }
.nbt-chart .u-over, .nbt-chart .u-under, .nbt-chart .u-axis { position: absolute; }
.nbt-chart .u-under { overflow: hidden; }
.nbt-chart .u-over { cursor: crosshair; }
.nbt-chart .nbt-chart-on-mark .u-over { cursor: pointer; }
.nbt-chart .uplot canvas { display: block; position: relative; width: 100%; height: 100%; }
.nbt-chart .u-select { position: absolute; pointer-events: none; background: ${FOCUS}; opacity: 0.2; }
.nbt-chart .u-cursor-x { position: absolute; left: 0; top: 0; height: 100%; pointer-events: none; border-right: 1px dashed ${FAINT}; }
.nbt-chart .u-off { display: none; }
@media (forced-colors: active) { .nbt-chart .u-select { background: Highlight; forced-color-adjust: none; }
  .nbt-chart button[aria-pressed='true'], .nbt-chart button[aria-expanded='true'] { border-color: Highlight; outline: 1px solid Highlight; }
  .nbt-chart .nbt-chart-legend button[aria-pressed] { border-color: transparent; outline: none; }
  .nbt-chart .nbt-chart-legend button[aria-pressed='false'] { color: GrayText; }
  .nbt-chart .nbt-chart-legend button:focus-visible { outline: 2px solid Highlight; } }
@media (prefers-reduced-motion: no-preference) { .nbt-chart button { transition: border-color 0.1s; } }
`;

interface Worn {
  n: number;
  remove: () => void;
}

const worn = new WeakMap<Document | ShadowRoot, Worn>();

/** Put the looks where a node stands, once for all charts; returns how to take them away. */
export function wearStyle(node: Node): () => void {
  const found = node.getRootNode();
  const root = found instanceof ShadowRoot ? found : (node.ownerDocument ?? document);
  const known = worn.get(root) ?? { n: 0, remove: put(root) };
  known.n += 1;
  worn.set(root, known);
  let isWorn = true;
  return () => {
    known.n -= isWorn ? 1 : 0;
    isWorn = false;
    if (known.n === 0) {
      known.remove();
      worn.delete(root);
    }
  };
}

function put(root: Document | ShadowRoot): () => void {
  try {
    // A constructed sheet is allowed by a content security policy that forbids inline styles.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return () => {
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter(one => one !== sheet);
    };
  } catch {
    const style = document.createElement('style');
    style.textContent = CSS;
    (root instanceof ShadowRoot ? root : root.head).append(style);
    return () => style.remove();
  }
}
