/** uPlot as far as it is used: axes, cursor and the dragged box. Lines are painted by us. */

import uPlot from 'uplot';

import type { Tick } from './axes.js';
import type { Box } from './paint.js';
import type { Theme } from './theme.js';
import { Touch } from './touch.js';
import type { Range } from './view.js';

/** What a plot asks of its chart, and tells it. Places are from 0 to 1. */
export interface PlotClient {
  theme(): Theme;
  xTicks(): Tick[];
  yTicks(): Tick[];
  /** Paint the lines. */
  paint(context: CanvasRenderingContext2D, box: Box, ratio: number): void;
  /** The cursor stands here, in pixels of the plot; null when it has left. */
  moved(at: { x: number; y: number } | null): void;
  clicked(): void;
  /** A box was dragged; null for an axis along which it does not count. */
  selected(x: Range | null, y: Range | null): void;
  /** Zoom x by this factor around a place. */
  wheeled(factor: number, around: number): void;
  /** Pan by these shares of the width and of the height since the last call. */
  dragged(x: number, y: number): void;
  reset(): void;
}

const CLICK_MS = 250;
/** A dragged box with a side shorter than this zooms along the other one alone. Units: pixels. */
const STRIPE = 30;

/** A canvas with axes. */
export class Plot {
  constructor(host: HTMLElement, private readonly _client: PlotClient, width: number, height: number) {
    this._plot = new uPlot(this._options(width, height), [[0, 1], [0, 1]], host);
    this._plot.over.addEventListener('wheel', this._wheel, { passive: false });
    this._plot.over.addEventListener('click', this._click);
    this._touch = new Touch(this._plot.over, {
      tapped: (left, top) => this.point(left, top),
      left: () => this.hide(),
      dragged: (x, y) => _client.dragged(x, y),
      zoomed: (factor, around) => _client.wheeled(factor, around)
    });
  }

  /** The size of the plot without its axes. Units: pixels of the screen. */
  get box(): Box {
    const { bbox } = this._plot;
    const ratio = uPlot.pxRatio;
    return {
      left: bbox.left / ratio,
      top: bbox.top / ratio,
      width: bbox.width / ratio,
      height: bbox.height / ratio
    };
  }

  /** With its axes. */
  get width(): number {
    return this._plot.width;
  }

  get height(): number {
    return this._plot.height;
  }

  get canvas(): HTMLCanvasElement {
    return this._plot.ctx.canvas;
  }

  get ratio(): number {
    return uPlot.pxRatio;
  }

  /** Draw axes and lines again. */
  redraw(): void {
    this._plot.redraw(false, true);
  }

  resize(width: number, height: number): void {
    if (width !== this._plot.width || height !== this._plot.height) {
      this._plot.setSize({ width, height });
    }
  }

  /** Put the cursor somewhere. Units: pixels of the plot. */
  point(left: number, top: number): void {
    this._plot.setCursor({ left, top });
  }

  /** Hide the cursor. */
  hide(): void {
    this.point(-10, -10);
  }

  /** Say which axes are zoomed: a finger moves these, and else scrolls the page. */
  zoomed(isX: boolean, isY: boolean): void {
    this._touch.allow(isX, isY);
  }

  dispose(): void {
    this._letGo();
    clearTimeout(this._timer);
    this._touch.dispose();
    this._plot.over.removeEventListener('wheel', this._wheel);
    this._plot.over.removeEventListener('click', this._click);
    this._plot.destroy();
  }

  private _options(width: number, height: number): uPlot.Options {
    const { _client: client } = this;
    return {
      width,
      height,
      padding: [8, 12, 0, 0],
      scales: { x: { time: false, auto: false, range: [0, 1] }, y: { auto: false, range: [0, 1] } },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        { ...this._axis(() => client.xTicks()), size: 26 },
        { ...this._axis(() => client.yTicks()), size: (_, labels) => room(labels) }
      ],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: true, uni: STRIPE, setScale: false, dist: 4 },
        bind: {
          dblclick: () => () => this._reset(),
          mousedown: (_, __, handler) => event => (event.shiftKey ? this._grab(event) : handler(event))
        }
      },
      hooks: {
        draw: [plot => client.paint(plot.ctx, plot.bbox, uPlot.pxRatio)],
        setCursor: [plot => this._moved(plot)],
        setSelect: [plot => this._selected(plot)]
      }
    };
  }

  private _axis(found: () => Tick[]): uPlot.Axis {
    const { _client: client } = this;
    const line = { stroke: (): string => client.theme().grid, width: 1 };
    return {
      stroke: () => client.theme().text,
      font: `11px ${client.theme().font}`,
      grid: line,
      ticks: { ...line, size: 4 },
      gap: 4,
      space: 1,
      incrs: [0.1],
      splits: () => found().map(({ where }) => where),
      filter: (_, splits) => splits,
      values: () => found().map(({ label }) => label)
    };
  }

  private _moved({ cursor: { left = -1, top = -1 } }: uPlot): void {
    this._client.moved(left < 0 ? null : { x: left, y: top });
  }

  private _selected(plot: uPlot): void {
    const { left, top, width, height } = plot.select;
    const { box } = this;
    if (width > 3 && height > 3) {
      plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      // A side as long as the plot is that of a stripe.
      this._client.selected(
        width < box.width - 0.5 ? [left / box.width, (left + width) / box.width] : null,
        height < box.height - 0.5 ? [1 - (top + height) / box.height, 1 - top / box.height] : null
      );
    }
  }

  private _grab(event: MouseEvent): null {
    event.preventDefault();
    this._letGo();
    let { clientX: x, clientY: y } = event;
    const move = (moved: MouseEvent): void => {
      this._client.dragged((x - moved.clientX) / this.box.width, (moved.clientY - y) / this.box.height);
      x = moved.clientX;
      y = moved.clientY;
    };
    const release = (): void => this._letGo();
    document.addEventListener('mousemove', move);
    document.addEventListener('mouseup', release);
    this._letGo = () => {
      document.removeEventListener('mousemove', move);
      document.removeEventListener('mouseup', release);
      this._letGo = () => undefined;
    };
    return null;
  }

  private _reset(): null {
    clearTimeout(this._timer);
    this._client.reset();
    return null;
  }

  private readonly _wheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { left, width } = this._plot.over.getBoundingClientRect();
      const around = width > 0 ? (event.clientX - left) / width : 0.5;
      this._client.wheeled(2 ** Math.max(-1, Math.min(1, event.deltaY / 100)), around);
    }
  };

  private readonly _click = (event: MouseEvent): void => {
    clearTimeout(this._timer);
    // A double click resets the zoom and must lead nowhere; a finger that taps wants to read.
    if (!event.shiftKey && event.detail < 2 && !this._touch.isLast) {
      this._timer = setTimeout(() => this._client.clicked(), CLICK_MS);
    }
  };

  private _timer: ReturnType<typeof setTimeout> | undefined;

  private _letGo: () => void = () => undefined;
  private readonly _plot: uPlot;
  private readonly _touch: Touch;
}

/** The width of an axis with these labels, in steps, so that the plot rarely moves. */
function room(labels: string[] | null): number {
  const longest = Math.max(3, ...(labels ?? []).map(label => label.length));
  return 16 + 14 * Math.ceil(longest / 2);
}
