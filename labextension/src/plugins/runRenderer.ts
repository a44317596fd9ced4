/** One output of a cell that shows a run, or several. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import { localStorageOf, mountCompare, mountRun, reason, type Shown, type Words } from '../run/index.js';
import { RefusedError, type RunName } from '../wire/client.js';
import { HttpFeed } from '../wire/httpFeed.js';
import { atRest } from './atRest.js';
import { comparing } from './comparing.js';
import type { Jump } from './jump.js';
import { readPayload, type Payload } from './payload.js';
import { Retry } from './retry.js';
import type { Server } from './server.js';

/** What a renderer needs beside the output. */
export interface RendererOptions {
  readonly mimeType: string;
  readonly server: Server;
  readonly words: Words;
  /** Goes to a cell, in the notebook that holds the output if that has it. */
  readonly onCell: (jump: Jump) => void;
}

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
    details.addEventListener('toggle', () => void this._showLater(payload, place), { once: true });
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
      this._endRetry();
      place.replaceChildren();
      this._release = this._options.server.inUse.use(payload.store);
      this._shown = this._mount(payload, place);
      // From here on the display has a height of its own, which is less where there is little to see.
      place.style.minHeight = '';
    }
  }

  /** Shows it where nobody waits for what comes of it. */
  private async _showLater(payload: Payload, place: HTMLElement): Promise<void> {
    await this._show(payload, place).catch((error: unknown) => {
      place.style.minHeight = '';
      this._showSaved(this._why(error, payload), place);
    });
  }

  /** Of several runs some may be gone: the others are shown, as soon as one is there. */
  private async _firstThere({ store, runs }: Payload): Promise<void> {
    const { client } = this._options.server;
    try {
      await Promise.any(runs.map(run => client.run(store, run)));
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
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
          ...comparing(server, store, runs, (run, execution) => onCell({ store, run, execution, output: this }))
        })
      : mountRun(place, feed, {
          ...common,
          onCell: execution => onCell({ store, run: runs[0], execution, output: this })
        });
  }

  private _retryLater(error: unknown, payload: Payload, place: HTMLElement): void {
    const { client, events } = this._options.server;
    const { store, runs } = payload;
    this._retry ??= new Retry(
      listener => {
        const stops = runs.map(run => events.watch(store, fullName(run), listener));
        return () => stops.forEach(stop => stop());
      },
      async () => {
        // Whoever opens the panel, or asks there again, finds out whether the extension has come.
        if (!client.isMissing) {
          await this._showLater(payload, place);
        }
      }
    );
    this._retry.failed(error);
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
    // Whoever unfolded the text is not disturbed by another try.
    if (this._atRest === this._saved && place.lastElementChild?.textContent === why) {
      return;
    }
    this._atRest = this._saved;
    const saved = atRest(this._saved, this._options.words);
    place.replaceChildren(...(saved === null ? [] : [saved]), line(why));
  }

  private _clear(): void {
    this._endRetry();
    this._release?.();
    this._release = null;
    this._shown?.dispose();
    this._shown = null;
    this.node.replaceChildren();
  }

  private _endRetry(): void {
    this._retry?.dispose();
    this._retry = null;
  }

  private _key: string | undefined;
  private _saved: IRenderMime.IMimeModel['data'] = {};
  private _shown: Shown | null = null;
  private _release: (() => void) | null = null;
  private _atRest: IRenderMime.IMimeModel['data'] | null = null;
  private _retry: Retry | null = null;
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
