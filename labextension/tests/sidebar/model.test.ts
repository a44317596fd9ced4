import { afterEach, describe, expect, it, vi } from 'vitest';

import { DEFAULTS, type Choices } from '../../src/sidebar/choices.js';
import { RunsModel } from '../../src/sidebar/model.js';
import { RefusedError } from '../../src/wire/client.js';
import { runOf } from '../runs.js';
import { HandServer, rowsOf } from './rows.js';

function modelOf(server: HandServer, choices: Partial<Choices> = {}): RunsModel {
  vi.useFakeTimers();
  const model = new RunsModel(server, server);
  model.ask({ ...DEFAULTS, ...choices });
  return model;
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

describe('the runs of the panel', () => {
  afterEach(() => vi.useRealTimers());

  it('are counted by group first; only the pages that are looked at are asked for', async () => {
    const server = new HandServer(rowsOf(500));
    const model = modelOf(server);
    await settle();
    expect(model.sections.map(({ name, n_runs }) => [name, n_runs])).toEqual([['a', 250], ['b', 250]]);
    const section = model.sections[1] as (typeof model.sections)[number];
    model.need(section, 95, 120);
    await settle();
    expect(server.asked.slice(1).map(({ within, skip, limit }) => [within, skip, limit])).toEqual([
      ['"b"', 0, 100],
      ['"b"', 100, 100]
    ]);
    expect(section.rows[119]?.name).toBe('r239');
  });

  it('come with the first answer where they are not grouped', async () => {
    const server = new HandServer(rowsOf(150));
    const model = modelOf(server, { group: 'none' });
    await settle();
    const [section] = model.sections;
    model.need(section as NonNullable<typeof section>, 0, 100);
    expect([server.asked.length, section?.rows[99]?.name]).toEqual([1, 'r99']);
  });

  it('are grouped by notebook here, as far as they were looked at', async () => {
    const rows = rowsOf(1200).map((row, i) => ({ ...row, notebook: i % 2 ? '/x/b.ipynb' : null }));
    const server = new HandServer(rows);
    server.runs = server.runs.bind(server);
    const model = modelOf(server, { group: 'notebook' });
    await settle();
    expect(model.sections.map(({ key, name, n_runs }) => [key, name, n_runs])).toEqual([
      ['"/x/b.ipynb"', '/x/b.ipynb', 500],
      ['null', null, 500],
      ['rest', null, 200]
    ]);
  });

  it('stay while they are asked for again, and change when they come', async () => {
    const server = new HandServer(rowsOf(3));
    const model = modelOf(server, { group: 'none' });
    await settle();
    server.all = [runOf({ id: 'new', name: 'new' }), ...server.all];
    server.change();
    expect(model.sections[0]?.n_runs).toBe(3);
    await settle();
    expect(model.sections[0]?.rows.map(row => row?.name)).toEqual(['new', 'r0', 'r1', 'r2']);
  });

  it('are asked for once however often the server says that they changed', async () => {
    const server = new HandServer(rowsOf(3));
    modelOf(server, { group: 'none' });
    await settle();
    for (let i = 0; i < 20; i += 1) {
      server.change();
    }
    await settle();
    expect(server.asked.length).toBeLessThanOrEqual(3);
  });

  it('are not asked for again when the server has nothing newer', async () => {
    const server = new HandServer(rowsOf(3));
    modelOf(server, { group: 'none' });
    await settle();
    server.listener?.({ store: 'default', revision: 1, runs: [], gone: [] });
    await settle();
    expect(server.asked.length).toBe(1);
  });

  it('are asked for by nobody who does not look', async () => {
    const server = new HandServer(rowsOf(3));
    const model = modelOf(server);
    await settle();
    model.setSeen(false);
    server.change();
    await settle();
    expect(server.asked.length).toBe(1);
    model.setSeen(true);
    await settle();
    expect(server.asked.length).toBe(2);
  });

  it.each([
    [400, 'x<', true],
    [503, 'x<', false],
    [400, '', false]
  ])('a refusal %d of the filter %j is of the filter: %s', async (status, filter, isOfFilter) => {
    const server = new HandServer(rowsOf(3));
    const model = modelOf(server, { filter });
    await settle();
    server.failure = new RefusedError(status, 'no');
    model.refresh();
    await settle();
    expect(model.trouble?.isOfFilter).toBe(isOfFilter);
    server.failure = null;
    model.refresh();
    await settle();
    expect(model.trouble).toBeNull();
  });

  it('of an answer that comes too late are left out', async () => {
    const server = new HandServer(rowsOf(3));
    let answer: () => void = () => undefined;
    const slow = new Promise<void>(done => (answer = done));
    const model = new RunsModel({ runs: (store, query) => slow.then(() => server.runs(store, query)) }, server);
    vi.useFakeTimers();
    model.ask(DEFAULTS);
    model.dispose();
    answer();
    await settle();
    expect(model.isThere).toBe(false);
  });
});
