/** Runs in the main area: one with all that is known of it, or several next to each other. */
import { MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { Widget } from '@lumino/widgets';

import { localStorageOf, mountCompare, mountRun, type Shown, type Words } from '../run/index.js';
import { fileAddress, type RunName } from '../wire/client.js';
import type { Feed } from '../wire/feed.js';
import { HttpFeed } from '../wire/httpFeed.js';
import type { RunRef } from '../wire/types.js';
import { comparing } from './comparing.js';
import { Files, Overview } from './pages.js';
import type { Server } from './server.js';

/** What pages of runs need beside the runs. */
export interface PageOptions {
  readonly server: Server;
  readonly baseUrl: string;
  readonly words: Words;
  onCell(store: string, run: RunName, execution: string): void;
  onOpen(store: string, run: RunRef): void;
}

/** A widget of the main area that shows runs; `runs` are `project/id`. */
export class RunPage extends Widget {
  constructor(
    readonly store: string,
    readonly runs: readonly RunName[],
    private readonly _options: PageOptions
  ) {
    super();
    this.addClass('nbt-main');
    const { server, words } = _options;
    const feeds = runs.map(run => new HttpFeed(server.client, server.events, store, run));
    const [run] = runs;
    const [feed] = feeds;
    this._shown =
      feeds.length === 1 && run !== undefined && feed !== undefined
        ? this._one(run, feed)
        : mountCompare(this.node, feeds, {
            ...comparing(server, store, runs, (one, execution) => _options.onCell(store, one, execution)),
            words,
            storage: localStorageOf('nbtracker:'),
            title: words._n('%1 run compared', '%1 runs compared', runs.length)
          });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._shown.dispose();
      super.dispose();
    }
  }

  private _one(run: RunName, feed: HttpFeed): Shown {
    const { server, baseUrl, words, onCell, onOpen } = this._options;
    const overview = new Overview(words, ref => onOpen(this.store, ref));
    const files = new Files(
      words,
      () => server.client.files(this.store, run),
      path => URLExt.join(baseUrl, fileAddress(this.store, run, path))
    );
    const followed: Feed = {
      detail: async () => {
        const detail = await feed.detail();
        overview.update(detail);
        this.title.label = detail.name;
        if (files.node.offsetParent !== null) {
          void files.update();
        }
        return detail;
      },
      cells: () => feed.cells(),
      series: query => feed.series(query),
      listen: changed => feed.listen(changed)
    };
    return mountRun(this.node, followed, {
      words,
      storage: localStorageOf('nbtracker:'),
      onCell: execution => onCell(this.store, run, execution),
      pages: [
        { key: 'overview', label: words.__('Overview'), node: overview.node },
        { key: 'files', label: words.__('Files'), node: files.node }
      ]
    });
  }

  private readonly _shown: Shown;
}

/** A page with the frame that the main area wants. */
export function pageOf(store: string, runs: readonly RunName[], options: PageOptions): MainAreaWidget<RunPage> {
  const content = new RunPage(store, runs, options);
  const widget = new MainAreaWidget({ content });
  const [first] = runs;
  widget.toolbar.hide();
  widget.id = pageId(store, runs);
  widget.title.label = runs.length === 1 && first !== undefined ? first.id : options.words.__('Compare');
  widget.title.caption = runs.map(({ project, id }) => `${project}/${id}`).slice(0, 20).join('\n');
  widget.title.closable = true;
  return widget;
}

/** The same for the same runs, so that none is opened twice. */
export function pageId(store: string, runs: readonly RunName[]): string {
  return `nbtracker ${store} ${runs.map(({ project, id }) => `${project}/${id}`).join(' ')}`;
}

/** Finds the page that shows these runs. */
export function findPage(
  tracker: WidgetTracker<MainAreaWidget<RunPage>>,
  store: string,
  runs: readonly RunName[]
): MainAreaWidget<RunPage> | undefined {
  return tracker.find(widget => widget.id === pageId(store, runs));
}
