/** One output of a cell that shows a run, or several. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import { localStorageOf, mountCompare, mountRun, reason, type Shown, type Words } from '../run/index.js';
import { RefusedError, type RunName } from '../wire/client.js';
import { HttpFeed } from '../wire/httpFeed.js';
import { atRest } from './atRest.js';
import { readPayload, type Payload } from './payload.js';
import type { Server } from './server.js';

/** What a renderer needs beside the output. */
export interface RendererOptions {
  readonly mimeType: string;
  readonly server: Server;
  readonly words: Words;
  /** Goes to the cell of an execution, in whatever notebook holds the output. */
  readonly onCell: (output: Widget, execution: string, feed: HttpFeed) => void;
}

/** How long until a server that did not answer is asked again. */
const RETRY_MS = 5000;

/** Draws the run that an output names, for as long as the output is there. */
export class RunRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly _options: RendererOptions) {
    super();
    this.addClass('nbt-output');
  }

  /** Shows what the output says; the same again changes nothing on the screen. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const data = model.data[this._options.mimeType];
    const key = JSON.stringify(data);
    this._saved = model.data;
    if (key === this._key) {
      return;
    }
    this._key = key;
    this._clear();
    const payload = readPayload(data);
    if (typeof payload === 'string') {
      this._showSaved(`nbtracker: ${payload}.`, this.node);
    } else if (payload.hidden) {
      this._fold(payload);
    } else {
      await this._show(payload, this.node);
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._clear();
      super.dispose();
    }
  }

  /** One line that names the run; the rest comes when it is asked for. */
  private _fold(payload: Payload): void {
    const [run] = payload.runs;
    const place = document.createElement('div');
    const summary = document.createElement('summary');
    summary.textContent = payload.title ?? run.id;
    const details = document.createElement('details');
    details.className = 'nbt-folded';
    details.append(summary, place);
    details.addEventListener('toggle', () => void this._show(payload, place), { once: true });
    this.node.append(details);
  }

  private async _show(payload: Payload, place: HTMLElement): Promise<void> {
    const key = this._key;
    const isGone = (): boolean => this.isDisposed || this._key !== key;
    if (!place.hasChildNodes()) {
      place.style.minHeight = `${payload.height}px`;
    }
    try {
      await this._firstThere(payload);
    } catch (error) {
      if (!isGone()) {
        place.style.minHeight = '';
        this._showSaved(this._why(error, payload), place);
        this._retryLater(error, payload, place);
      }
      return;
    }
    if (!isGone()) {
      place.style.minHeight = `${payload.height}px`;
      place.replaceChildren();
      this._shown = this._mount(payload, place);
    }
  }

  /** Of several runs some may be gone: the others are shown. */
  private async _firstThere({ store, runs }: Payload): Promise<void> {
    const { client } = this._options.server;
    const found = await Promise.allSettled(runs.map(run => client.run(store, run)));
    const [first] = found;
    if (first?.status === 'rejected' && found.every(one => one.status === 'rejected')) {
      throw first.reason;
    }
  }

  private _mount({ store, runs, height, title }: Payload, place: HTMLElement): Shown {
    const { server, words, onCell } = this._options;
    const feeds = runs.map(run => new HttpFeed(server.client, server.events, store, run));
    const common = {
      height,
      words,
      storage: localStorageOf('nbtracker:'),
      ...(title === null ? {} : { title })
    };
    const [feed] = feeds;
    return feeds.length > 1 || feed === undefined
      ? mountCompare(place, feeds, {
          ...common,
          comparison: () => server.client.compare(store, runs)
        })
      : mountRun(place, feed, {
          ...common,
          onCell: execution => onCell(this, execution, feed)
        });
  }

  private _retryLater(error: unknown, payload: Payload, place: HTMLElement): void {
    const isRefused = error instanceof RefusedError && error.status >= 400 && error.status < 500;
    if (!isRefused) {
      this._retry = setTimeout(() => void this._show(payload, place), RETRY_MS);
    }
  }

  private _why(error: unknown, { store, runs }: Payload): string {
    const names = runs.map(fullName).join(', ');
    const { words } = this._options;
    if (error instanceof RefusedError && error.status === 404) {
      return words.__('nbtracker: %1 is not in store %2: %3', names, store, reason(error));
    }
    return words.__('nbtracker: %1 cannot be read: %2', names, reason(error));
  }

  /** What the notebook has of the run, and why it is no more than that. */
  private _showSaved(why: string, place: HTMLElement): void {
    const saved = atRest(this._saved, this._options.words);
    place.replaceChildren(...(saved === null ? [] : [saved]), line(why));
  }

  private _clear(): void {
    clearTimeout(this._retry);
    this._shown?.dispose();
    this._shown = null;
    this.node.replaceChildren();
  }

  private _key: string | undefined;
  private _saved: IRenderMime.IMimeModel['data'] = {};
  private _shown: Shown | null = null;
  private _retry: ReturnType<typeof setTimeout> | undefined;
}

function fullName({ project, id }: RunName): string {
  return `${project}/${id}`;
}

function line(text: string): HTMLElement {
  const made = document.createElement('p');
  made.className = 'nbt-message';
  made.textContent = text;
  return made;
}
