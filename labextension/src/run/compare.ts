/** Several runs: their curves over each other, and in what they differ. */
import { batched, type Feed } from '../wire/feed.js';
import type { Comparison, MetricInfo, RunDetail } from '../wire/types.js';
import { CellNames } from './cellNames.js';
import type { AskLines } from './codeFiles.js';
import { CodePage } from './codePage.js';
import { ComparedRuns } from './comparedRuns.js';
import { Coordinates } from './coordinates.js';
import { Differences, WHOLE } from './differences.js';
import { element, setHeight, setText } from './elements.js';
import { frame, reason, type Frame } from './frame.js';
import { charted } from './grouping.js';
import { memoryStorage, type RunOptions, type Shown, USUAL_HEIGHT } from './options.js';
import { Pace } from './pace.js';
import { keyOf, nameOf } from './runKeys.js';
import { Sections } from './sections.js';
import { Tabs } from './tabs.js';
import { english, type Words } from './words.js';

/** How several runs are shown. */
export interface CompareOptions extends Omit<RunOptions, 'onCell' | 'pages'> {
  /** Asks in what the runs differ, in the order of the feeds. */
  readonly comparison?: () => Promise<Comparison>;
  /** Asks in which lines a file differs; without it, only that it does is said. */
  readonly codeLines?: AskLines;
  /** Goes to the cell of an execution of the run of this feed. */
  readonly onCell?: (execution: string, run: number) => void;
}

/** Shows runs over each other and follows them until it is disposed. */
export function mountCompare(
  host: HTMLElement,
  feeds: readonly Feed[],
  options: CompareOptions = {}
): Shown {
  const display = new CompareDisplay(host, feeds.map(feed => batched(feed)), options);
  return { dispose: () => display.dispose() };
}

/** Units: milliseconds. */
const DETAILS_MS = 2000;
const KINDS = ['config', 'summary', 'code', 'environment'] as const;
type Kind = (typeof KINDS)[number];

/** A run that is there, and which of the feeds it comes from. */
interface Drawn {
  readonly run: RunDetail;
  readonly at: number;
}

class CompareDisplay {
  constructor(
    private readonly _host: HTMLElement,
    private readonly _feeds: readonly Feed[],
    private readonly _options: CompareOptions
  ) {
    const { words = english, storage = memoryStorage(), codeLines, title } = _options;
    this._words = words;
    this._names = _feeds.map(feed => new CellNames(feed, words));
    this._runs = new ComparedRuns(words, hidden => this._hide(hidden));
    this._pages = {
      config: new Differences(words.__('Config that differs'), words, true),
      summary: new Differences(words.__('Summary that differs'), words, true),
      code: codeLines === undefined ? new Differences(words.__('Code that differs'), words, false) : new CodePage(words, codeLines),
      environment: new Differences(words.__('Environment that differs'), words, false)
    };
    this._coordinates = new Coordinates(words, storage);
    this._tabs = new Tabs(
      words.__('What of the runs is shown'),
      [
        { key: 'charts', label: words.__('Charts'), node: this._place },
        { key: 'coordinates', label: words.__('Coordinates'), node: this._coordinates.node },
        ...KINDS.map(kind => ({ key: kind, label: this._kindName(kind), node: element('div', {}, this._pages[kind].node) }))
      ],
      () => this._showPage()
    );
    this._frame = frame(this._tabs, words, text => this._filter(text));
    const label = title ?? words.__('Runs compared');
    const header = element('header', { class: 'nbt-header' }, this._title, this._runs.node);
    this._root = element('section', { class: 'nbt-run', 'aria-label': label }, header, this._frame.node);
    setHeight(this._root, _options.height ?? USUAL_HEIGHT);
    setText(this._title, title ?? '');
    _host.append(this._root);
    this._pace = new Pace(DETAILS_MS, () => this._look());
    this._stops = _feeds.map((feed, i) => feed.listen(() => this._changed(i)));
    this._pace.ask();
  }

  dispose(): void {
    this._stops.forEach(stop => stop());
    this._pace.dispose();
    this._charts?.dispose();
    this._runs.dispose();
    this._coordinates.dispose();
    this._root.remove();
  }

  private _changed(run: number): void {
    this._names[run]?.changed();
    this._pace.ask();
  }

  private async _look(): Promise<void> {
    const found = await Promise.allSettled(this._feeds.map(feed => feed.detail()));
    if (!this._host.contains(this._root)) {
      return;
    }
    this._drawn = found.flatMap((one, at) => (one.status === 'fulfilled' ? [{ run: one.value, at }] : []));
    const lost = found.filter(one => one.status === 'rejected').map(one => reason(one.reason));
    this._frame.say([...new Set(lost)].join('\n'));
    this._runs.update(this._drawn.map(({ run }) => run));
    this._showCharts();
    await this._compare();
  }

  private _showCharts(): void {
    const runs = this._drawn.map(({ run }) => run);
    const key = runs.map(keyOf).join(' ');
    if (key !== this._shown) {
      this._shown = key;
      this._charts?.dispose();
      this._charts = this._sections(this._drawn);
      this._charts.setHidden(this._runs.hidden);
      this._charts.filter(this._text);
      this._place.replaceChildren(this._charts.node);
    }
    this._charts?.rename(runs.map(run => nameOf(run, runs)));
    const metrics = new Map<string, MetricInfo>();
    for (const metric of runs.flatMap(run => charted(run.metrics))) {
      if (!metrics.has(metric.name)) {
        metrics.set(metric.name, metric);
      }
    }
    this._charts?.update([...metrics.values()]);
    this._tabs.label('charts', this._words.__('Charts (%1)', metrics.size));
    setHeight(this._root, this._options.height ?? USUAL_HEIGHT, metrics.size > 0);
  }

  private _sections(drawn: readonly Drawn[]): Sections {
    const { storage = memoryStorage(), onCell } = this._options;
    const runs = drawn.map(({ run }) => run);
    const curves = drawn.map(({ run, at }) => ({ label: nameOf(run, runs), feed: this._feeds[at] as Feed }));
    const feedOf = (curve: number): number => drawn[curve]?.at ?? -1;
    return new Sections(curves, {
      words: this._words,
      storage,
      onCell: onCell && ((execution, curve) => onCell(execution, feedOf(curve))),
      nameCell: async (execution, curve) => (await this._names[feedOf(curve)]?.of(execution)) ?? null,
      onHidden: hidden => {
        this._runs.setHidden(hidden);
        this._hide(hidden);
      }
    });
  }

  private _hide(hidden: ReadonlySet<number>): void {
    this._charts?.setHidden(hidden);
    this._showPage();
  }

  private async _compare(): Promise<void> {
    try {
      const comparison = await this._options.comparison?.();
      if (comparison === undefined || !this._host.contains(this._root)) {
        return;
      }
      this._comparison = comparison;
      for (const kind of KINDS) {
        // The code as a whole is no file.
        const counted = comparison[kind].filter(({ key }) => kind !== 'code' || key !== WHOLE);
        this._tabs.label(kind, `${this._kindName(kind)} (${counted.length})`);
      }
      const n = comparison.left_out;
      setText(this._leftOut, n > 0 ? this._words.__('%1 more differences are not told here.', n) : '');
      this._showPage();
    } catch (error) {
      this._frame.say(reason(error));
    }
  }

  /** Draws the page that is seen; the others are drawn when they are. */
  private _showPage(): void {
    const comparison = this._comparison;
    const kind = KINDS.find(one => one === this._tabs.shown);
    if (comparison === null) {
      return;
    }
    const names = comparison.runs.map(run => nameOf(run, comparison.runs));
    if (kind !== undefined) {
      this._pages[kind].filter(this._text);
      this._pages[kind].update(names, comparison[kind]);
      this._pages[kind].node.after(this._leftOut);
    } else if (this._tabs.shown === 'coordinates') {
      this._coordinates.filter(this._text);
      this._showCoordinates(comparison, names);
    }
  }

  private _showCoordinates({ runs, config }: Comparison, names: readonly string[]): void {
    const curves = this._drawn.map(({ run }) => keyOf(run));
    const seen = runs.flatMap((run, i) => (this._runs.isHidden(run) ? [] : [{ run, i }]));
    const compared = seen.map(({ run, i }) => {
      const curve = curves.indexOf(keyOf(run));
      return { key: keyOf(run), name: names[i] ?? run.id, curve: curve < 0 ? i : curve, summary: run.summary };
    });
    const differences = config.map(({ key, values, has }) => ({
      key, values: seen.map(({ i }) => values[i]), has: seen.map(({ i }) => has[i] ?? false)
    }));
    this._coordinates.update(compared, differences, this._drawn.flatMap(({ run }) => run.metrics));
  }

  private _kindName(kind: Kind): string {
    switch (kind) {
      case 'config':
        return this._words.__('Config');
      case 'summary':
        return this._words.__('Summary');
      case 'code':
        return this._words.__('Code');
      case 'environment':
        return this._words.__('Environment');
      default:
        return kind satisfies never;
    }
  }

  private _filter(text: string): void {
    this._text = text;
    this._charts?.filter(text);
    this._showPage();
  }

  private readonly _words: Words;
  private readonly _names: readonly CellNames[];
  private readonly _runs: ComparedRuns;
  private readonly _pages: Record<Kind, Differences | CodePage>;
  private readonly _coordinates: Coordinates;
  private readonly _tabs: Tabs;
  private readonly _frame: Frame;
  private readonly _root: HTMLElement;
  private readonly _pace: Pace;
  private readonly _stops: readonly (() => void)[];
  private readonly _place = element('div');
  private readonly _title = element('strong', { class: 'nbt-name' });
  private readonly _leftOut = element('p', { class: 'nbt-more nbt-left-out' });
  private _charts: Sections | null = null;
  private _drawn: readonly Drawn[] = [];
  private _comparison: Comparison | null = null;
  private _shown = '';
  private _text = '';
}
