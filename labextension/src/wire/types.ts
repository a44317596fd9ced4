/**
 * What the server says to a front end.
 *
 * Made by `python -m nbtracker.wire.typescript` from nbtracker/wire/schema.py, series_schema.py and
 * messages.py; not to be changed by hand.
 */

/** A value of config or summary, as `revive` of decode.ts gives it. */
export type Plain = unknown;

/** What has become of a run. */
export type State =
  | 'running'
  | 'finished'
  | 'failed'
  | 'crashed'
  | 'killed'
  | 'preempting'
  | 'damaged';

/** A store that this server knows. */
export interface StoreInfo {
  id: string;
  path: string;
  is_default: boolean;
  n_runs: number;
}

/** Answer to `stores`. */
export interface StoreList {
  stores: StoreInfo[];
}

/** A run in a list. Of config and summary at most 100 values, pinned keys first. */
export interface RunRow {
  store: string;
  project: string;
  id: string;
  name: string;
  state: State;
  created_at: number | null;
  ended_at: number | null;
  changed_at: number | null;
  runtime_s: number;
  group: string | null;
  job_type: string | null;
  tags: string[];
  notes: string | null;
  n_rows: number;
  last_step: number;
  notebook: string | null;
  session: string | null;
  family: string | null;
  replay_of: string | null;
  archived: boolean;
  config: Record<string, Plain>;
  summary: Record<string, Plain>;
  trouble: string | null;
}

/** Runs of one group, project, notebook or state, as far as they fulfil the filter. */
export interface RunGroup {
  name: string | null;
  n_runs: number;
}

/**
 * Answer to `runs`: a page of `total` runs that fulfil the filter, of `n_all` in the store.
 *
 * `epoch` is another one when the server made its index anew: then everything may have changed.
 * `groups` is empty unless `group=` asked for them.
 */
export interface RunList {
  runs: RunRow[];
  total: number;
  n_all: number;
  revision: number;
  epoch: string;
  groups: RunGroup[];
}

/**
 * Answer to `changes`: runs, as `project/id`, that changed or went since a revision.
 *
 * `everything` is true when that is not known any more, and all must be asked for again.
 */
export interface Changes {
  revision: number;
  epoch: string;
  runs: string[];
  gone: string[];
  everything: boolean;
}

/** What there is to filter by, and to show as a column; dotted names. */
export interface Fields {
  config: string[];
  summary: string[];
  metrics: string[];
  tags: string[];
  projects: string[];
  groups: string[];
}

/** Another run, as far as it takes to name it. */
export interface RunRef {
  project: string;
  id: string;
  name: string;
  state: State;
  created_at: number | null;
}

/** A config key got a value. `cell` is the prompt number of the cell that set it. */
export interface ConfigChange {
  key: string;
  old: Plain;
  new: Plain;
  first: boolean;
  step: number;
  execution: string | null;
  at: number;
  cell: number | null;
}

/** A config key as it is now. `changes` leaves out the first setting, and all but the last. */
export interface ConfigEntry {
  key: string;
  value: Plain;
  desc: string | null;
  pinned: boolean;
  changes: ConfigChange[];
}

/** The best value of a metric, and the step it was reached at, if that is known. */
export interface Best {
  value: number;
  step: number | null;
}

/** A metric that was logged. `name` is what `series` takes; `section` and `label` split it. */
export interface MetricInfo {
  name: string;
  section: string;
  label: string;
  goal: 'minimize' | 'maximize' | null;
  step_metric: string | null;
  hidden: boolean;
  is_numeric: boolean;
  best: Best | null;
  last: Plain;
}

/** Everything of a run but its rows, cells and files. */
export interface RunDetail extends RunRow {
  config_entries: ConfigEntry[];
  summary_tree: Plain;
  metrics: MetricInfo[];
  attempts: RunRef[];
  replays: RunRef[];
  error: string | null;
  exit_code: number | null;
  damages: string[];
  gaps: number;
  n_cells: number;
  program: string | null;
  host: string | null;
  python: string | null;
  git: string | null;
  stop_requested: boolean;
}

/** What may be said of a cell in a list that became too long. `left_out`: its source was. */
export interface Abridged {
  left_out?: boolean;
}

/** One execution of one cell. `number` counts executions, `count` is what the prompt showed. */
export interface CellInfo extends Abridged {
  execution: string;
  number: number;
  count: number | null;
  cell_id: string | null;
  source: string | null;
  forgotten: boolean;
  status: string;
  started_at: number;
  ended_at: number | null;
  error: string | null;
  n_rows: number;
  tags: string[];
}

/**
 * Answer to `cells`: of more than 20,000, the newest.
 *
 * Of all sources together, at most 20 million characters are given, those of the newest; the
 * others are null and `left_out`.
 */
export interface CellList {
  cells: CellInfo[];
}

/** A cell that is executed now, and the run, as `project/id`, that its kernel records. */
export interface RunningCell {
  run: string;
  execution: string;
  cell_id: string | null;
  count: number | null;
}

/** Answer to `running`: the cells of the 50 newest runs that go on. */
export interface RunningCells {
  cells: RunningCell[];
}

/**
 * Answer to `outputs`: as nbformat has them. Nothing in them is to be trusted.
 *
 * At most 20 million characters: what an output behind them says is left out, which a last
 * output says.
 */
export interface OutputList {
  outputs: Plain[];
}

/** Answer to `config`: each change, in order, the first settings included. */
export interface ConfigHistory {
  changes: ConfigChange[];
}

/** A file of a run, by its path below the run's folder of files. */
export interface FileInfo {
  path: string;
  size: number;
  changed_at: number | null;
}

/** Answer to `files` and `code`; `digest` names the code as a whole. */
export interface FileList {
  files: FileInfo[];
  digest: string | null;
}

/** What is not the same in all runs. `values` has one a run; null and not `has`: lacks it. */
export interface Difference {
  key: string;
  values: Plain[];
  has: boolean[];
}

/**
 * In what runs differ, in the order they were asked for; `same` counts what is alike.
 *
 * `left_out` counts differences that are not told, because there are too many or they are too
 * long together.
 */
export interface Comparison {
  runs: RunRow[];
  config: Difference[];
  summary: Difference[];
  code: Difference[];
  environment: Difference[];
  same: number;
  left_out: number;
}

/** A line of a unified diff; `@` says which lines follow, `-` is of the first run alone. */
export interface CodeLine {
  sign: ' ' | '-' | '+' | '@';
  text: string;
}

/**
 * Answer to `compare/code`: in which lines a file of the code of two runs differs.
 *
 * `is_cut`: lines or ends of lines are left out. A file that one of the runs lacks is empty.
 */
export interface CodeLines {
  path: string;
  lines: CodeLine[];
  is_cut: boolean;
}

/** A deleted run; `name` is what `restore` takes. */
export interface Trashed {
  name: string;
  project: string;
  id: string;
  deleted_at: number;
}

/** Answer to `trash`, the oldest first. */
export interface TrashList {
  runs: Trashed[];
}

/** Answer to the deletion of a run: its name in the trash. */
export interface Discarded {
  trash: string;
}

/** Answer to `restore`. */
export interface Restored {
  project: string;
  id: string;
}

/** Answer to `stop` and `checkpoint`: the run sees it when it logs next. */
export interface Requested {
  requested: boolean;
}

/** Body of a PATCH: the fields to change. */
export interface Edit {
  name?: string;
  notes?: string | null;
  tags?: string[];
  group?: string | null;
  archived?: boolean;
}

/** What is said with a status of 400 and above. */
export interface Refusal {
  message: string;
  hint: string;
}

/** From `row` to where the next begins, rows are of one segment and one execution. */
export interface SeriesStretch {
  row: number;
  segment: number;
  execution: string | null;
}

/**
 * Where the arrays of a metric begin, each of `n_bins` numbers. Units: float64s.
 *
 * `first`, `last`, `min` and `max` are of the finite numbers of a bin, NaN if there is none;
 * `count` is how many rows have the metric; `n_nan`, `n_pos_inf` and `n_neg_inf` count apart.
 */
export interface SeriesArrays {
  first: number;
  last: number;
  min: number;
  max: number;
  count: number;
  n_nan: number;
  n_pos_inf: number;
  n_neg_inf: number;
  ema: number | null;
}

/** A metric of a series; the counts are of the bins that are given. */
export interface SeriesMetric {
  name: string;
  n_values: number;
  n_nan: number;
  n_inf: number;
  arrays: SeriesArrays;
}

/** Where x at the first and the last row of each bin begins. Units: float64s. */
export interface XArrays {
  x_first: number;
  x_last: number;
}

/**
 * What stands before the arrays of a series.
 *
 * Bin `i` holds rows `(first_bin + i) * rows_per_bin` and following; the last may hold fewer.
 * `stretches` cover the bins that are given: of those that begin in one bin, the last, and that
 * at which its segment begins. `missing` are metrics that the run lacks.
 */
export interface SeriesHeader {
  run: string;
  n_rows: number;
  rows_per_bin: number;
  first_bin: number;
  n_bins: number;
  state: State;
  is_running: boolean;
  x: string;
  stretches: SeriesStretch[];
  metrics: SeriesMetric[];
  missing: string[];
  arrays: XArrays;
}

/**
 * Said by a front end over the websocket: tell me of this store.
 *
 * Of these runs, as `project/id`, it is told as soon as their journals grow; of the others when
 * the index sees it. A later message for the same store takes the place of the one before.
 */
export interface WatchMessage {
  type: 'watch';
  store: string;
  runs: string[];
}

/**
 * Said by a front end over the websocket: tell me nothing more of this store.
 *
 * By the name it was watched under. It is not answered.
 */
export interface UnwatchMessage {
  type: 'unwatch';
  store: string;
}

/**
 * Said by the server: these runs, as `project/id`, changed or went.
 *
 * Where neither names one, it is not known which: `revision` says whether any did.
 */
export interface ChangedMessage {
  type: 'changed';
  store: string;
  revision: number;
  runs: string[];
  gone: string[];
}

/** Said by the server: what was said to it cannot be done. */
export interface ErrorMessage {
  type: 'error';
  message: string;
}

/** Said by the server when it has nothing else to say; may be said to it, for no answer. */
export interface PingMessage {
  type: 'ping';
}

/** What the server says over the websocket. */
export type ServerMessage = ChangedMessage | ErrorMessage | PingMessage;

/** What a front end says over the websocket. */
export type FrontEndMessage = WatchMessage | UnwatchMessage | PingMessage;
