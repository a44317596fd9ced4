/** A panel on a page, with a server that answers from a list. */
import { vi } from 'vitest';

import { english } from '../../src/run/words.js';
import { RunsPanel, type PanelOptions } from '../../src/sidebar/panel.js';
import type { Client } from '../../src/wire/client.js';
import type { Events } from '../../src/wire/events.js';
import type { RunRow } from '../../src/wire/types.js';
import { HandServer } from './rows.js';

const FIELDS = { config: ['lr'], summary: ['loss'], metrics: ['loss', 'val/acc'], tags: [], projects: ['a', 'b'], groups: [] };

export interface Opened {
  panel: RunsPanel;
  server: HandServer;
  told: string[];
}

/** Opens a panel, and waits for what it asks at first. Timers must be fake. */
export async function opened(
  rows: RunRow[],
  kept: unknown = { choices: { group: 'none' } },
  failure: Error | null = null
): Promise<Opened> {
  const server = new HandServer(rows);
  server.failure = failure;
  const told: string[] = [];
  const client = {
    runs: server.runs.bind(server),
    fields: () => {
      server.n_fields += 1;
      return server.failure ? Promise.reject(server.failure) : Promise.resolve(FIELDS);
    },
    sparks: () => Promise.resolve({}),
    stores: () => Promise.resolve([])
  };
  const options: PanelOptions = {
    client: client as unknown as Client,
    events: server as unknown as Events,
    words: english,
    onOpen: row => told.push(`open ${row.id}`),
    onCompare: names => told.push(`compare ${names.join(' ')}`),
    onRename: (row, name) => told.push(`rename ${row.id} ${name}`),
    onKeep: () => undefined,
    copy: text => told.push(`copy ${text}`)
  };
  const panel = new RunsPanel(options);
  document.body.replaceChildren(panel.node);
  panel.start(kept);
  await vi.advanceTimersByTimeAsync(1000);
  return { panel, server, told };
}

export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);
