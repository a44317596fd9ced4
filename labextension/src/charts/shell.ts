/** The elements of a chart around its plot, and how high the plot is between them. */

import { make } from './nodes.js';

/** A lower plot shows nothing any more; then the chart gets higher instead. Units: pixels. */
const LEAST_HEIGHT = 140;
const LEAST_WIDTH = 120;
/** Before the chart stands anywhere. */
const USUAL_WIDTH = 600;

/** What stands in a chart, in the order in which it is read. */
export interface Inside {
  resetter: HTMLElement;
  opener: HTMLElement;
  tools: HTMLElement;
  legend: HTMLElement;
  summary: HTMLElement;
  voice: HTMLElement;
  table: HTMLElement;
}

/** The box of a chart. */
export class Shell {
  readonly element = make('div', { class: 'nbt-chart', role: 'figure' });
  readonly area = make('div', { class: 'nbt-chart-plot', tabindex: '0', role: 'group' });
  readonly note = make('span', { class: 'nbt-chart-note', role: 'note' });

  /** Put everything into its place. */
  fill(title: string, keys: string, inside: Inside): void {
    this.element.setAttribute('aria-label', title);
    this.element.setAttribute('aria-describedby', inside.summary.id);
    this.area.setAttribute('aria-label', `${title}. ${keys}`);
    const name = make('span', { class: 'nbt-chart-title', title }, title);
    const head = make('div', { class: 'nbt-chart-head' }, name, this.note, inside.resetter, inside.opener);
    const { tools, legend, summary, voice, table } = inside;
    this._tools = tools;
    this.element.append(head, tools, this.area, legend, summary, voice, table);
  }

  /** Call back when the room for the plot changes; returns how to stop. */
  watch(resized: () => void): () => void {
    const observer = new ResizeObserver(resized);
    observer.observe(this.area);
    if (this._tools !== null) {
      observer.observe(this._tools);
    }
    return () => observer.disconnect();
  }

  /** The room for the plot in a chart that was given so much: open controls take their part of it. */
  room(height: number): { width: number; height: number } {
    const taken = this._tools?.offsetHeight ?? 0;
    return {
      width: Math.max(LEAST_WIDTH, Math.floor(this.area.clientWidth || USUAL_WIDTH)),
      height: Math.max(Math.min(LEAST_HEIGHT, height), height - taken)
    };
  }

  private _tools: HTMLElement | null = null;
}
