/** The line above everything: what the run is called, how it is, since when, and how fast it goes. */
import type { RunDetail } from '../wire/types.js';
import { element, setText } from './elements.js';
import { type Past, Speed } from './progress.js';
import { duration, moment, progressText, stateWords, type Words } from './words.js';

/** Name, state, clock and progress of a run. */
export class Header {
  readonly node: HTMLElement;

  constructor(
    private readonly _words: Words,
    private readonly _title: string | undefined
  ) {
    this.node = element(
      'header',
      { class: 'nbt-header' },
      this._name,
      this._where,
      element('span', { class: 'nbt-state-box' }, this._dot, this._state),
      this._clock,
      this._progress,
      this._trouble,
      this._said
    );
    this._speed.tell(null);
    this._ticking = setInterval(() => this._tick(), 1000);
  }

  /** Shows the run as it is now. */
  update(run: RunDetail): void {
    const { name, meaning } = stateWords(run.state, this._words);
    setText(this._name, this._title ?? run.name);
    setText(this._where, `${run.project}/${run.id}`);
    setText(this._state, name);
    this._state.title = [meaning, moment(run.ended_at ?? run.created_at)].join(' ');
    this._dot.dataset['state'] = run.state;
    if (this._run !== undefined && this._run.state !== run.state) {
      setText(this._said, this._words.__('%1 is %2 now.', run.name, name));
    }
    this._run = run;
    this._seen_ms = performance.now();
    this._speed.see(run, this._seen_ms);
    this._showTrouble(run);
    this._tick();
  }

  /** What the run did before it was shown. */
  tell(past: Past | null): void {
    this._speed.tell(past);
    this._tick();
  }

  dispose(): void {
    clearInterval(this._ticking);
  }

  private _showTrouble(run: RunDetail): void {
    const troubles = [run.error, run.trouble, ...run.damages].filter(text => text !== null);
    if (run.gaps > 0) {
      troubles.push(this._words.__('Rows that could not be kept: %1', run.gaps));
    }
    this._trouble.hidden = troubles.length === 0;
    setText(this._trouble, troubles.join('\n'));
  }

  private _tick(): void {
    if (this._run === undefined) {
      return;
    }
    const now = performance.now();
    const isRunning = this._run.state === 'running';
    const since_s = isRunning ? (now - this._seen_ms) / 1000 : 0;
    setText(this._clock, duration(this._run.runtime_s + since_s));
    const progress = isRunning ? progressText(this._speed.at(this._run, now), this._words) : '';
    setText(this._progress, progress);
    this._progress.hidden = progress === '';
  }

  private _run: RunDetail | undefined;
  private _seen_ms = 0;
  private readonly _ticking: ReturnType<typeof setInterval>;
  private readonly _name = element('strong', { class: 'nbt-name' });
  private readonly _where = element('span', { class: 'nbt-where' });
  private readonly _dot = element('span', { class: 'nbt-dot', 'aria-hidden': 'true' });
  private readonly _state = element('span', { class: 'nbt-state' });
  private readonly _clock = element('span', { class: 'nbt-clock' });
  // No live region: it changes each second.
  private readonly _progress = element('span', { class: 'nbt-clock nbt-progress', hidden: true });
  private readonly _speed = new Speed();
  private readonly _trouble = element('pre', { class: 'nbt-trouble', hidden: true });
  private readonly _said = element('span', { class: 'nbt-unseen', role: 'status' });
}
