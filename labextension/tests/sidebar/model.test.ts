import { afterEach, describe, expect, it, vi } from 'vitest';

import { DEFAULTS, type Choices } from '../../src/sidebar/choices.js';
import { RunsModel } from '../../src/sidebar/model.js';
import { RefusedError } from '../../src/wire/client.js';
import type { RunList } from '../../src/wire/types.js';
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

  it('of a page that cannot be had are asked for again after a rest, or when somebody wants it', async () => {
    const server = new HandServer(rowsOf(300));
    const runs: HandServer['runs'] = (store, query) => {
      const answer = server.runs(store, query);
      const fail = (_: unknown, no: (why: Error) => void): unknown => setTimeout(() => no(new RefusedError(500, 'no')), 5);
      return query?.skip === 100 ? new Promise(fail) : answer;
    };
    const pages = (): number => server.asked.filter(({ skip }) => skip === 100).length;
    vi.useFakeTimers();
    const model = new RunsModel({ runs }, server);
    model.onChange = () => model.sections.forEach(section => model.need(section, 90, 130));
    model.ask({ ...DEFAULTS, group: 'none' });
    await settle();
    expect([pages(), model.trouble?.error.status]).toEqual([1, 500]);
    server.change();
    await settle();
    expect([pages(), model.trouble?.error.status]).toEqual([1, 500]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(pages()).toBe(2);
    model.retry();
    await settle();
    expect(pages()).toBe(3);
    model.dispose();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pages()).toBe(3);
  });

  it('are told to be looked at for the first time, as long as an answer is waited for', async () => {
    const server = new HandServer(rowsOf(3));
    const slow = { runs: () => new Promise<RunList>(done => setTimeout(() => done(server.runs('')), 3000)) };
    let n_indexed = 0;
    vi.useFakeTimers();
    const model = new RunsModel(slow, server, () => Promise.resolve({ n_indexed: (n_indexed += 1), n_runs: 3 }));
    model.ask(DEFAULTS);
    await vi.advanceTimersByTimeAsync(500);
    expect(model.indexing).toBeNull();
    await vi.advanceTimersByTimeAsync(1500);
    expect(model.indexing).toEqual({ n_indexed: 2, n_runs: 3 });
    await vi.advanceTimersByTimeAsync(5000);
    expect([model.isThere, model.indexing, n_indexed]).toEqual([true, null, 3]);
    model.dispose();
  });

  it('are asked for again where a server that had answered says 404: it may be on its way back', async () => {
    const server = new HandServer(rowsOf(3));
    const model = modelOf(server);
    await settle();
    server.failure = new RefusedError(404, 'gone');
    server.change();
    await settle();
    expect([model.isMissing, server.listener === null]).toEqual([false, false]);
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
