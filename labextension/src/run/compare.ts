/** Several runs: their curves over each other, and in what they differ. */
import { batched, type Feed } from '../wire/feed.js';
import type { Comparison, Difference, MetricInfo, RunDetail } from '../wire/types.js';
import { Coordinates } from './coordinates.js';
import { element, setHeight, setText } from './elements.js';
import { frame, reason, type Frame } from './frame.js';
import { memoryStorage, type RunOptions, type Shown } from './options.js';
import { Pace } from './pace.js';
import { charted, Sections } from './sections.js';
import { spelled } from './spelling.js';
import { Tabs } from './tabs.js';
import { english, stateWords, valueText, type Words } from './words.js';

/** How several runs are shown. */
export interface CompareOptions extends RunOptions {
  /** Asks in what the runs differ, in the order of the feeds. */
  readonly comparison?: () => Promise<Comparison>;
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
const MAX_TEXT = 4000;
const KINDS = ['config', 'summary', 'code', 'environment'] as const;
type Kind = (typeof KINDS)[number];

class CompareDisplay {
  constructor(
    private readonly _host: HTMLElement,
    private readonly _feeds: readonly Feed[],
    private readonly _options: CompareOptions
  ) {
    const words = _options.words ?? english;
    this._words = words;
    this._pages = {
      config: new Differences(words.__('Config that differs'), words, true),
      summary: new Differences(words.__('Summary that differs'), words, true),
      code: new Differences(words.__('Code that differs'), words, false),
      environment: new Differences(words.__('Environment that differs'), words, false)
    };
    this._coordinates = new Coordinates(words, _options.storage ?? memoryStorage());
    this._tabs = new Tabs(
      words.__('What of the runs is shown'),
      [
        { key: 'charts', label: words.__('Charts'), node: this._place },
        { key: 'coordinates', label: words.__('Coordinates'), node: this._coordinates.node },
        ...KINDS.map(kind => ({ key: kind, label: this._kindName(kind), node: this._pages[kind].node }))
      ],
      () => undefined
    );
    this._frame = frame(this._tabs, words, text => this._filter(text));
    this._root = element(
      'section',
      {
        class: 'nbt-run',
        'aria-label': _options.title ?? words.__('Runs compared')
      },
      element('header', { class: 'nbt-header' }, this._title, this._legend),
      this._frame.node
    );
    setHeight(this._root, _options.height ?? 420);
    setText(this._title, _options.title ?? '');
    _host.append(this._root);
    this._pace = new Pace(DETAILS_MS, () => this._look());
    this._stops = _feeds.map(feed => feed.listen(() => this._pace.ask()));
    this._pace.ask();
  }

  dispose(): void {
    this._stops.forEach(stop => stop());
    this._pace.dispose();
    this._charts?.dispose();
    this._coordinates.dispose();
    this._root.remove();
  }

  private async _look(): Promise<void> {
    const found = await Promise.allSettled(this._feeds.map(feed => feed.detail()));
    if (!this._host.contains(this._root)) {
      return;
    }
    const runs = found.flatMap((one, index) =>
      one.status === 'fulfilled' ? [{ run: one.value, feed: this._feeds[index] as Feed }] : []
    );
    const lost = found.filter(one => one.status === 'rejected').map(one => reason(one.reason));
    this._frame.say([...new Set(lost)].join('\n'));
    this._showCharts(runs);
    this._showLegend(runs.map(({ run }) => run));
    await this._showDifferences(runs.map(({ run }) => run));
  }

  private _showCharts(runs: readonly { run: RunDetail; feed: Feed }[]): void {
    const key = runs.map(({ run }) => `${run.project}/${run.id}`).join(' ');
    if (key !== this._drawn) {
      this._drawn = key;
      this._charts?.dispose();
      const { words = english, storage = memoryStorage(), onCell } = this._options;
      const curves = runs.map(({ run, feed }) => ({ label: nameOf(run, runs.map(one => one.run)), feed }));
      this._charts = new Sections(curves, { words, storage, onCell });
      this._place.replaceChildren(this._charts.node);
    }
    const metrics = new Map<string, MetricInfo>();
    for (const metric of runs.flatMap(({ run }) => charted(run.metrics))) {
      if (!metrics.has(metric.name)) {
        metrics.set(metric.name, metric);
      }
    }
    this._charts?.update([...metrics.values()]);
    this._tabs.label('charts', this._words.__('Charts (%1)', metrics.size));
  }

  private _showLegend(runs: readonly RunDetail[]): void {
    const items = runs.map(run => {
      const { name, meaning } = stateWords(run.state, this._words);
      return element(
        'li',
        { title: `${run.project}/${run.id} · ${meaning}` },
        element('span', { class: 'nbt-dot', 'data-state': run.state, 'aria-hidden': 'true' }),
        ` ${nameOf(run, runs)} · ${name}`
      );
    });
    this._legend.replaceChildren(...items);
  }

  private async _showDifferences(drawn: readonly RunDetail[]): Promise<void> {
    const ask = this._options.comparison;
    if (ask === undefined) {
      return;
    }
    try {
      const comparison = await ask();
      if (!this._host.contains(this._root)) {
        return;
      }
      const names = comparison.runs.map(run => nameOf(run, comparison.runs));
      this._showCoordinates(comparison, names, drawn);
      for (const kind of KINDS) {
        this._pages[kind].update(names, comparison[kind]);
        this._tabs.label(kind, `${this._kindName(kind)} (${comparison[kind].length})`);
      }
    } catch (error) {
      this._frame.say(reason(error));
    }
  }

  private _showCoordinates({ runs, config }: Comparison, names: readonly string[], drawn: readonly RunDetail[]): void {
    const curves = drawn.map(run => `${run.project}/${run.id}`);
    const compared = runs.map(({ project, id, summary }, i) => {
      const key = `${project}/${id}`;
      const curve = curves.indexOf(key);
      return { key, name: names[i] ?? id, curve: curve < 0 ? i : curve, summary };
    });
    this._coordinates.update(compared, config, drawn.flatMap(({ metrics }) => metrics));
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
    this._charts?.filter(text);
    this._coordinates.filter(text);
    KINDS.forEach(kind => this._pages[kind].filter(text));
  }

  private readonly _words: Words;
  private readonly _pages: Record<Kind, Differences>;
  private readonly _coordinates: Coordinates;
  private readonly _tabs: Tabs;
  private readonly _frame: Frame;
  private readonly _root: HTMLElement;
  private readonly _pace: Pace;
  private readonly _stops: readonly (() => void)[];
  private readonly _place = element('div');
  private readonly _title = element('strong', { class: 'nbt-name' });
  private readonly _legend = element('ul', { class: 'nbt-legend' });
  private _charts: Sections | null = null;
  private _drawn = '';
}

/** A table of what is not the same: a row for each key, a column for each run. */
class Differences {
  readonly node = element('div', { class: 'nbt-page' });

  constructor(
    private readonly _caption: string,
    private readonly _words: Words,
    /** Whether keys are names of the journal; a backslash in the path of a file is one. */
    private readonly _areNames: boolean
  ) {}

  update(names: readonly string[], differences: readonly Difference[]): void {
    const key = JSON.stringify([names, differences]);
    if (key !== this._key) {
      this._key = key;
      [this._names, this._differences] = [names, differences];
      this._spell = spelled(this._areNames ? differences.map(one => one.key) : []);
      this._show();
    }
  }

  filter(text: string): void {
    this._text = text.trim().toLowerCase();
    this._show();
  }

  private _show(): void {
    const found = this._differences.filter(({ key }) => `${key} ${this._spell(key)}`.toLowerCase().includes(this._text));
    if (found.length === 0) {
      const none = this._differences.length === 0 ? this._words.__('No difference.') : this._words.__('Nothing matches.');
      this.node.replaceChildren(element('p', { class: 'nbt-more' }, none));
      return;
    }
    const heads = [this._words.__('Key'), ...this._names];
    const table = element(
      'table',
      { class: 'nbt-facts nbt-differences' },
      element('caption', { class: 'nbt-unseen' }, this._caption),
      element('thead', {}, element('tr', {}, ...heads.map(text => element('th', { scope: 'col' }, text)))),
      element('tbody', {}, ...found.map(difference => this._row(difference)))
    );
    this.node.replaceChildren(table);
  }

  private _row({ key, values, has }: Difference): HTMLElement {
    const cells = values.map((value, index) => {
      const text = has[index] === false ? '–' : valueText(value);
      return element('td', {}, element('span', { class: 'nbt-value' }, text.slice(0, MAX_TEXT)));
    });
    return element('tr', {}, element('th', { scope: 'row' }, this._spell(key)), ...cells);
  }

  private _names: readonly string[] = [];
  private _differences: readonly Difference[] = [];
  private _spell = spelled([]);
  private _text = '';
  private _key = '';
}

/** The name of a run; with its id where two have the same. */
function nameOf(run: { name: string; id: string }, among: readonly { name: string }[]): string {
  const isAlone = among.filter(other => other.name === run.name).length < 2;
  return isAlone ? run.name : `${run.name} (${run.id})`;
}
