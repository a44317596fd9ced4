/** One run: its curves, config, summary and cells. */
import { batched, type Feed } from '../wire/feed.js';
import type { RunDetail } from '../wire/types.js';
import { CellNames } from './cellNames.js';
import { Cells } from './cells.js';
import { element, setHeight } from './elements.js';
import { configFacts, Facts, summaryFacts } from './facts.js';
import { frame, reason, type Frame } from './frame.js';
import { charted } from './grouping.js';
import { Header } from './header.js';
import { memoryStorage, type RunOptions, type Shown, USUAL_HEIGHT } from './options.js';
import { Pace } from './pace.js';
import { pastOf } from './past.js';
import { Sections } from './sections.js';
import { Tabs } from './tabs.js';
import { english, type Words } from './words.js';

/** Shows a run in a host and follows it until it is disposed. */
export function mountRun(host: HTMLElement, feed: Feed, options: RunOptions = {}): Shown {
  const display = new RunDisplay(host, batched(feed), options);
  return { dispose: () => display.dispose() };
}

/** What changes on this page is asked for at most twice a second; curves keep their own time. */
const DETAIL_MS = 500;
/** A run that is under way is looked at now and then, whatever is told: words get lost. */
const ANYWAY_MS = 10_000;

class RunDisplay {
  constructor(
    host: HTMLElement,
    private readonly _feed: Feed,
    options: RunOptions
  ) {
    const { words = english, storage = memoryStorage(), onCell, title, height, pages = [] } = options;
    const names = new CellNames(_feed, words);
    // Below a cell the curves are what its author shows, whatever was looked at elsewhere.
    const isPage = pages.length > 0;
    this._words = words;
    this._header = new Header(words, title);
    this._charts = new Sections([{ label: '', feed: _feed }], {
      words,
      storage,
      onCell,
      nameCell: execution => names.of(execution)
    });
    this._config = new Facts(words.__('Config'), words, onCell);
    this._summary = new Facts(words.__('Summary'), words);
    this._cells = new Cells(words, onCell);
    this._tabs = new Tabs(
      words.__('What of the run is shown'),
      [
        { key: 'charts', label: words.__('Charts'), node: this._charts.node },
        { key: 'config', label: words.__('Config'), node: this._config.node },
        { key: 'summary', label: words.__('Summary'), node: this._summary.node },
        { key: 'cells', label: words.__('Cells'), node: this._cells.node },
        ...pages
      ],
      key => {
        if (isPage) {
          storage.set('tab', key);
        }
        this._pace.ask();
      }
    );
    this._frame = frame(this._tabs, words, text => this._filter(text));
    this._root = element(
      'section',
      { class: 'nbt-run', 'aria-label': words.__('Run') },
      this._header.node,
      this._frame.node
    );
    this._height = height ?? USUAL_HEIGHT;
    setHeight(this._root, this._height);
    host.append(this._root);
    this._pace = new Pace(DETAIL_MS, () => this._look());
    this._stop = _feed.listen(() => {
      names.changed();
      this._pace.ask();
    });
    this._anyway = setInterval(() => this._lookAnyway(), ANYWAY_MS);
    const kept = isPage ? storage.get('tab') : null;
    if (typeof kept === 'string') {
      this._tabs.show(kept);
    }
    this._pace.ask();
  }

  dispose(): void {
    this._isOver = true;
    this._stop();
    clearInterval(this._anyway);
    this._pace.dispose();
    this._header.dispose();
    this._charts.dispose();
    this._root.remove();
  }

  private _lookAnyway(): void {
    if (this._isRunning && !document.hidden) {
      this._pace.ask();
    }
  }

  private async _look(): Promise<void> {
    try {
      const run = await this._feed.detail();
      if (this._isOver) {
        return;
      }
      this._isRunning = run.state === 'running';
      this._show(run);
      void this._lookBack(run);
      const cells = this._tabs.shown === 'cells' ? await this._feed.cells() : null;
      if (this._isOver) {
        return;
      }
      if (cells !== null) {
        this._cells.update(cells);
      }
      this._frame.say('');
    } catch (error) {
      if (!this._isOver) {
        this._frame.say(reason(error));
      }
    }
  }

  /** Asks once for what was before, if there is anything; without an answer, what is seen counts. */
  private async _lookBack({ metrics, n_rows, state, runtime_s }: RunDetail): Promise<void> {
    const metric = metrics.find(one => one.is_numeric)?.name;
    if (this._hasLookedBack || metric === undefined || n_rows < 2 || state !== 'running') {
      return;
    }
    this._hasLookedBack = true;
    const past = await pastOf(this._feed, metric, runtime_s).catch(() => null);
    this._header.tell(past);
  }

  private _show(run: RunDetail): void {
    const metrics = charted(run.metrics);
    const words = this._words;
    this._root.setAttribute('aria-label', words.__('Run %1', run.name));
    this._header.update(run);
    // Most displays have charts: they have their room from the first moment, and nothing below moves.
    setHeight(this._root, this._height, metrics.length > 0);
    this._charts.update(metrics);
    this._config.update(configFacts(run.config_entries));
    this._summary.update(summaryFacts(run.summary));
    this._tabs.label('charts', words.__('Charts (%1)', metrics.length));
    this._tabs.label('config', words.__('Config (%1)', run.config_entries.length));
    this._tabs.label('summary', words.__('Summary (%1)', Object.keys(run.summary).length));
    this._tabs.label('cells', words.__('Cells (%1)', run.n_cells));
  }

  private _filter(text: string): void {
    [this._charts, this._config, this._summary, this._cells].forEach(page => page.filter(text));
  }

  private readonly _words: Words;
  private readonly _header: Header;
  private readonly _charts: Sections;
  private readonly _config: Facts;
  private readonly _summary: Facts;
  private readonly _cells: Cells;
  private readonly _tabs: Tabs;
  private readonly _frame: Frame;
  private readonly _root: HTMLElement;
  private readonly _pace: Pace;
  private readonly _stop: () => void;
  private readonly _anyway: ReturnType<typeof setInterval>;
  private readonly _height: number;
  private _hasLookedBack = false;
  private _isRunning = false;
  private _isOver = false;
}
