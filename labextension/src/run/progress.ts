/** How fast a run goes and how long it still takes, from what was seen of it. Pure. */
import type { RunRow } from '../wire/types.js';

/** What of a run is looked at. */
export type Going = Pick<RunRow, 'state' | 'n_rows' | 'last_step' | 'changed_at' | 'runtime_s' | 'config'>;

/** How a run gets on. */
export interface Progress {
  /** Steps a second; null where that is not known, or no longer so. */
  readonly rate: number | null;
  /** Until the total that the config names; null without one. Units: seconds. */
  readonly left_s: number | null;
  /** For how long no step came, where that is too long for this run. Units: seconds. */
  readonly silent_s: number | null;
}

/** What a run did before anybody looked, from its first row to its last one. */
export interface Past {
  readonly steps: number;
  /** Units: seconds. */
  readonly time_s: number;
  /** How many rows came after the first one. */
  readonly n: number;
  /** How long the last row was ago. Units: seconds. */
  readonly silent_s: number;
}

const UNKNOWN: Progress = { rate: null, left_s: null, silent_s: null };

/** What happened so long ago counts a third. Units: seconds. */
const SMOOTH_S = 15;
/** A shorter time says less than the whole run does. */
const ENOUGH_S = 1;
/** A run is silent after so long, and so many times its usual pause. */
const SILENT_S = 60;
const SILENT_PAUSES = 5;
/** The rate falls after so long, in which nobody may have looked, and so many usual pauses. */
const PATIENT_S = 3;
const PATIENT_PAUSES = 2;

/** Keys of a config that name the number of steps, the first that is there counts. */
const TOTALS = ['total_steps', 'max_steps', 'num_steps', 'n_steps', 'num_train_steps', 'steps'];

/** How many steps a run is to have, as its config says; null if it says nothing that can be true. */
export function totalSteps({ config, last_step }: Pick<Going, 'config' | 'last_step'>): number | null {
  let known = totals.get(config);
  if (known === undefined) {
    known = totalsOf(config);
    totals.set(config, known);
  }
  return known.find(total => total > last_step + 1) ?? null;
}

const totals = new WeakMap<object, readonly number[]>();

function totalsOf(config: Readonly<Record<string, unknown>>): number[] {
  const lastPart = (key: string): string => key.split(/(?<!\\)\./).at(-1) ?? '';
  const keys = Object.keys(config).sort((a, b) => Number(lastPart(a) !== a) - Number(lastPart(b) !== b));
  return TOTALS.flatMap(name => keys.filter(key => lastPart(key) === name))
    .map(key => config[key])
    .filter(value => typeof value === 'number')
    .filter(Number.isFinite);
}

/** The speed of one run, from how its last step moved between two looks. */
export class Speed {
  /** Takes a look into account. Units of `now`: milliseconds, as `performance.now()`. */
  see(run: Going, now: number): void {
    const before = this._last;
    if (run.n_rows === 0 || run.state !== 'running') {
      return;
    }
    if (before === null || run.last_step < before.step) {
      // A run that goes back to an earlier step begins anew.
      this._steps = this._time_s = this._n = 0;
    } else if (run.last_step === before.step) {
      return;
    } else {
      const by_s = (run.changed_at ?? 0) - (before.changed_at ?? run.changed_at ?? 0);
      // Seen late, steps are as far apart as whoever recorded them says.
      const time_s = by_s > 0 ? by_s : (now - before.now) / 1000;
      if (time_s <= 0) {
        return;
      }
      const fading = Math.exp(-time_s / SMOOTH_S);
      this._steps = this._steps * fading + run.last_step - before.step;
      this._time_s = this._time_s * fading + time_s;
      this._n = this._n * fading + 1;
    }
    this._last = { step: run.last_step, changed_at: run.changed_at, now };
  }

  /** What was before; null: it is not known yet, and nothing is guessed from when the run began. */
  tell(past: Past | null): void {
    this._past = past;
  }

  /** How the run gets on now. */
  at(run: Going, now: number): Progress {
    const { runtime_s, last_step, n_rows } = run;
    if (n_rows === 0 || last_step <= 0 || !(runtime_s > 0)) {
      return UNKNOWN;
    }
    if (run.state !== 'running') {
      return { ...UNKNOWN, rate: runtime_s >= ENOUGH_S ? last_step / runtime_s : null };
    }
    const known = this._known(run);
    const pause_s = known.time_s / known.n;
    const since_s = this._last === null ? 0 : Math.max(0, (now - this._last.now) / 1000);
    const waited_s = since_s + (this._n === 0 ? (this._past?.silent_s ?? 0) : 0);
    if (waited_s > Math.max(SILENT_S, SILENT_PAUSES * pause_s)) {
      return { ...UNKNOWN, silent_s: waited_s };
    }
    const patience_s = Math.max(PATIENT_S, PATIENT_PAUSES * pause_s);
    const rate = known.steps / (known.time_s + Math.max(0, waited_s - patience_s));
    if (!(rate > 0)) {
      return UNKNOWN;
    }
    const total = totalSteps(run);
    const ahead_s = total === null ? Infinity : (total - 1 - last_step) / rate;
    const left_s = Math.max(0, ahead_s - Math.min(waited_s, patience_s));
    return { rate, left_s: Number.isFinite(left_s) ? left_s : null, silent_s: null };
  }

  /** What the rate is made of: what was seen, or else what was before. */
  private _known({ runtime_s, last_step, n_rows }: Going): Omit<Past, 'silent_s'> {
    if (this._time_s >= ENOUGH_S) {
      return { steps: this._steps, time_s: this._time_s, n: this._n };
    }
    if (this._past === undefined) {
      return { steps: last_step, time_s: Math.max(ENOUGH_S, runtime_s), n: n_rows };
    }
    return this._past !== null && this._past.time_s > 0 ? this._past : { steps: 0, time_s: runtime_s, n: n_rows };
  }

  private _last: { step: number; changed_at: number | null; now: number } | null = null;
  /** Undefined where nobody asks for it: then the whole run stands for it. */
  private _past: Past | null | undefined;
  private _steps = 0;
  private _time_s = 0;
  private _n = 0;
}

const N_KEPT = 500;

/** The speeds of the runs that were looked at last. */
export class Speeds {
  /** Looks at a run, and says how it gets on. */
  of(run: RunRow, now: number): Progress {
    const key = `${run.project}/${run.id}`;
    const speed = this._known.get(key) ?? new Speed();
    if (run.state === 'running') {
      this._known.delete(key);
      this._known.set(key, speed);
      const oldest = this._known.size > N_KEPT ? this._known.keys().next().value : undefined;
      if (oldest !== undefined) {
        this._known.delete(oldest);
      }
      speed.see(run, now);
    }
    return speed.at(run, now);
  }

  /** Forgets the runs of another store. */
  clear(): void {
    this._known.clear();
  }

  private readonly _known = new Map<string, Speed>();
}
