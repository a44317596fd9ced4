/** What is seen of a chart, and how it is zoomed and moved. */

import type { Scene } from './scene.js';
import { type Action, ALL, type Axis, panned, type Range, type Views, within, zoomed } from './view.js';

/** What a key does to what is seen. */
export type SightAction = Exclude<Action, { kind: 'cursor' | 'open' | 'mark' }>;

/** The seen part of both axes of a scene. */
export class Sight {
  /**
   * @param _changed Something else is seen.
   * @param _chosen The user chose it, not another chart.
   */
  constructor(
    private readonly _scene: () => Scene,
    private readonly _changed: () => void,
    private readonly _chosen: (views: Partial<Views>) => void = () => undefined
  ) {}

  views: Views = ALL;

  get isWhole(): boolean {
    return this.views.x === null && this.views.y === null;
  }

  /** See what lies between places from 0 to 1; an axis without places stays as it is. */
  select(x: Range | null, y: Range | null): void {
    const scene = this._scene();
    this._see({
      ...(x === null ? {} : { x: within(scene.whole, scene.x, ...x) }),
      ...(y === null ? {} : { y: within(scene.wholeY, scene.y, ...y) })
    });
  }

  /** Make the seen part larger (factor below 1: smaller) around a place. */
  zoom(axis: Axis, factor: number, around = 0.5): void {
    const { whole, seen } = this._of(axis);
    this._see({ [axis]: zoomed(whole, seen, factor, around) });
  }

  /** Move by shares of the width and of the height; an axis that is seen as a whole stays. */
  pan(x: number, y: number): void {
    this._see({ ...this._moved('x', x), ...this._moved('y', y) });
  }

  reset(): void {
    this._see(ALL);
  }

  /** See what another chart shows. */
  follow(views: Partial<Views>): void {
    this.views = { ...this.views, ...views };
    this._changed();
  }

  /** Do what a key is for. */
  act(action: SightAction): void {
    switch (action.kind) {
      case 'zoom':
        return this.zoom(action.axis, action.factor);
      case 'pan':
        return action.axis === 'x' ? this.pan(action.share, 0) : this.pan(0, action.share);
      case 'edge':
        return this.pan(action.side === 'start' ? -Infinity : Infinity, 0);
      case 'reset':
        return this.reset();
      default:
        action satisfies never;
    }
  }

  private _moved(axis: Axis, share: number): Partial<Views> {
    const { whole, seen } = this._of(axis);
    return this.views[axis] === null ? {} : { [axis]: panned(whole, seen, share) };
  }

  private _of(axis: Axis): { whole: Scene['x']; seen: Scene['x'] } {
    const { whole, x, wholeY, y } = this._scene();
    return axis === 'x' ? { whole, seen: x } : { whole: wholeY, seen: y };
  }

  private _see(views: Partial<Views>): void {
    if (Object.keys(views).length > 0) {
      this.follow(views);
      this._chosen(views);
    }
  }
}
