/** All that a user chooses of a chart: axes, smoothing, what is seen and what is hidden. */

import { STEP } from './axes.js';
import { type Choices, recalled, remember } from './choices.js';
import { Following } from './following.js';
import { Hiding } from './hiding.js';
import type { LegendClient } from './legend.js';
import type { Chosen, Scene } from './scene.js';
import { Sight } from './sight.js';
import type { ChartOptions, ChartSource } from './types.js';
import { ALL } from './view.js';

/** The chart of which something is chosen. */
export interface Chooses {
  scene(): Scene;
  /** Something else is to be drawn. */
  changed(): void;
  /** Something else is to be asked for. */
  wanted(): void;
}

/** Keeps what was chosen, remembers it, and tells and follows the other charts of the display. */
export class Chooser implements LegendClient {
  constructor(given: readonly ChartSource[], private readonly _options: ChartOptions, private readonly _chart: Chooses) {
    this._key = _options.key ?? given[0]?.metric ?? '';
    this._stepMetrics = _options.stepMetrics ?? [];
    const initial: Choices = { x: _options.x ?? STEP, isLogX: false, isLogY: false, ema: 0 };
    this._choices = recalled(_options.storage, this._key, initial);
    this._hiding = new Hiding(given.length, _options.hidden ?? new Set());
    this.sight = new Sight(() => _chart.scene(), () => _chart.changed(), views => this._following.saw(views));
    this._following = new Following(_options.shared, {
      now: () => ({ x: this._choices.x, seen: _chart.scene().of, stepMetrics: this._stepMetrics }),
      choose: change => this._change(change),
      see: views => this.sight.follow(views)
    });
  }

  readonly sight: Sight;

  get choices(): Choices {
    return this._choices;
  }

  get hidden(): ReadonlySet<number> {
    return this._hiding.lines;
  }

  get now(): Chosen {
    return { choices: this._choices, views: this.sight.views, hidden: this._hiding.lines };
  }

  get stepMetrics(): readonly string[] {
    return this._stepMetrics;
  }

  /** The chart stands: take over what was chosen in the others before. */
  begin(): void {
    this._following.begin();
  }

  /** Which metrics may be x from now on. */
  offer(stepMetrics: readonly string[]): void {
    this._stepMetrics = stepMetrics;
  }

  /** The user chose something. */
  choose(change: Partial<Choices>): void {
    this._change(change);
    remember(this._options.storage, this._key, this._choices);
    this._following.chose(change);
  }

  toggle(line: number): void {
    this._hiding.toggle(line);
    this._hid();
  }

  single(line: number): void {
    this._hiding.single(line);
    this._hid();
  }

  /** Somebody else chose what is hidden. */
  hide(hidden: ReadonlySet<number>): void {
    this._hiding.set(hidden);
    // What was hidden was not asked for.
    this._chart.wanted();
    this._chart.changed();
  }

  dispose(): void {
    this._following.dispose();
  }

  private _hid(): void {
    this.hide(this._hiding.lines);
    this._options.onHidden?.(this._hiding.lines);
  }

  private _change(change: Partial<Choices>): void {
    this._choices = { ...this._choices, ...change };
    const isNewX = change.x !== undefined || change.isLogX !== undefined;
    if (isNewX || change.isLogY !== undefined) {
      this.sight.follow(isNewX ? ALL : { y: null });
    }
    if (change.x !== undefined || change.ema !== undefined) {
      this._chart.wanted();
    }
    this._chart.changed();
  }

  private readonly _key: string;
  private readonly _hiding: Hiding;
  private readonly _following: Following;
  private _choices: Choices;
  private _stepMetrics: readonly string[];
}
