/** The picture of a chart as a PNG. */

import { make } from './nodes.js';
import type { Line } from './picture.js';
import type { Theme } from './theme.js';

/** Put title, names and the plot's canvas into one PNG. */
export function pngOf(
  canvas: HTMLCanvasElement, title: string, lines: readonly Line[], theme: Theme, ratio: number
): Promise<Blob> {
  const names = lines.length > 1 ? lines : [];
  const top = (24 + 18 * names.length) * ratio;
  const sheet = make('canvas');
  sheet.width = canvas.width;
  sheet.height = canvas.height + top;
  const context = sheet.getContext('2d');
  if (context === null) {
    return Promise.reject(new Error('this browser gives no canvas to draw the PNG on; save SVG instead'));
  }
  context.fillStyle = theme.ground;
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(canvas, 0, top);
  context.fillStyle = theme.text;
  context.font = `bold ${13 * ratio}px ${theme.font}`;
  context.fillText(title, 8 * ratio, 16 * ratio);
  context.font = `${11 * ratio}px ${theme.font}`;
  names.forEach(({ label, color, dash }, i) => {
    const y = (24 + 18 * i + 8) * ratio;
    context.strokeStyle = color;
    context.lineWidth = 2 * ratio;
    context.setLineDash(dash.map(length => length * ratio));
    context.beginPath();
    context.moveTo(8 * ratio, y - 4 * ratio);
    context.lineTo(30 * ratio, y - 4 * ratio);
    context.stroke();
    context.fillText(label, 36 * ratio, y);
  });
  return new Promise((done, failed) => {
    sheet.toBlob(blob => (blob === null ? failed(new Error('the PNG could not be made')) : done(blob)), 'image/png');
  });
}
