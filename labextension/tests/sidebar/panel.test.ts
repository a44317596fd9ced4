import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { DEFAULTS } from '../../src/sidebar/choices.js';
import type { RunsPanel } from '../../src/sidebar/panel.js';
import { RefusedError } from '../../src/wire/client.js';
import { runOf } from '../runs.js';
import { opened, settle } from './openedPanel.js';
import { rowsOf } from './rows.js';

const shown = (panel: RunsPanel): string[] =>
  [...panel.node.querySelectorAll('.nbt-row[data-kind=run] .nbt-row-name > .nbt-row-text')].map(
    node => node.textContent ?? ''
  );
const press = (panel: RunsPanel, key: string, more: KeyboardEventInit = {}): boolean =>
  panel.list.node.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));

describe('the panel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('makes lines in sight and no others', async () => {
    const { panel } = await opened(rowsOf(1000));
    expect(shown(panel).length).toBeLessThan(20);
    expect(panel.list.node.getAttribute('aria-rowcount')).toBe('1001');
    panel.dispose();
  });

  it('selects, extends, and opens by keys', async () => {
    const { panel, told } = await opened(rowsOf(5));
    press(panel, 'Home');
    press(panel, 'ArrowDown');
    press(panel, 'ArrowDown', { shiftKey: true });
    await settle();
    expect([...panel.list.selection.names]).toEqual(['b/r1', 'a/r2']);
    press(panel, 'Enter');
    panel.compare();
    expect(told).toEqual(['open r2', 'compare b/r1 a/r2']);
    press(panel, 'Escape');
    expect(panel.list.selection.names.size).toBe(0);
    panel.dispose();
  });

  it('leaves keys alone that it has no use for', async () => {
    const { panel } = await opened(rowsOf(2));
    expect([press(panel, 'x'), press(panel, 'a')]).toEqual([true, true]);
    panel.dispose();
  });

  it('keeps the line of the keyboard when others come before it', async () => {
    const { panel, server } = await opened(rowsOf(3));
    press(panel, 'Home');
    server.all = [runOf({ id: 'new', name: 'new' }), ...server.all];
    server.change();
    await settle();
    expect(panel.list.activeRow?.id).toBe('r0');
    expect(panel.list.selection.activeLine).toBe(1);
    panel.dispose();
  });

  it('keeps the line a range begins at when others come before it', async () => {
    const { panel, server } = await opened(rowsOf(4));
    press(panel, 'Home');
    press(panel, 'ArrowDown');
    server.all = [runOf({ id: 'new', name: 'new' }), ...server.all];
    server.change();
    await settle();
    press(panel, 'ArrowDown', { shiftKey: true });
    await settle();
    expect([...panel.list.selection.names]).toEqual(['b/r1', 'a/r2']);
    panel.dispose();
  });

  it('does not ask with half of a filter, unless whoever typed it means it', async () => {
    const { panel, server } = await opened(rowsOf(2));
    const input = panel.node.querySelector<HTMLInputElement>('.nbt-filter')!;
    const type = async (text: string): Promise<string | undefined> => {
      input.value = text;
      input.dispatchEvent(new Event('input'));
      await settle();
      return server.asked.at(-1)?.filter;
    };
    expect(await type('state=')).toBe('');
    expect(await type('name="calm')).toBe('');
    expect(await type('name="calm river"')).toBe('name="calm river"');
    expect(await type("it's")).toBe('name="calm river"');
    input.dispatchEvent(new Event('blur'));
    await settle();
    expect(server.asked.at(-1)?.filter).toBe("it's");
    panel.dispose();
  });

  it('folds sections by arrow keys', async () => {
    const { panel } = await opened(rowsOf(4), { choices: { group: 'project' } });
    expect(panel.list.lines.length).toBe(6);
    press(panel, 'Home');
    press(panel, 'ArrowLeft');
    expect([panel.list.lines.length, panel.kept.collapsed]).toEqual([4, ['"a"']]);
    press(panel, 'ArrowRight');
    expect(panel.list.lines.length).toBe(6);
    panel.dispose();
  });

  it('renames where the name stands', async () => {
    const { panel, told } = await opened(rowsOf(2));
    press(panel, 'Home');
    panel.list.renameActive();
    const input = panel.node.querySelector<HTMLInputElement>('.nbt-rename');
    input!.value = 'better';
    input!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(told).toEqual(['rename r0 better']);
    expect(panel.node.querySelector('.nbt-rename')).toBeNull();
    panel.dispose();
  });

  it('teaches where there is nothing yet', async () => {
    const { panel, server, told } = await opened([]);
    const steps = panel.node.querySelector('.nbt-steps')?.textContent;
    expect(steps).toBe('%load_ext nbtracker\nrun = %tracker init --project digits');
    [...panel.node.querySelectorAll('button')].find(one => one.textContent === 'Copy')?.click();
    expect(told).toEqual([`copy ${steps}`]);
    server.all = rowsOf(1);
    server.change();
    await settle();
    expect([panel.node.querySelector('.nbt-steps'), shown(panel)]).toEqual([null, ['r0']]);
    panel.dispose();
  });

  it('keeps what was listed when the server fails, and asks again when it is told to', async () => {
    const { panel, server } = await opened(rowsOf(2));
    server.failure = new RefusedError(0, 'The Jupyter server does not answer');
    panel.model.refresh();
    await settle();
    expect(panel.node.querySelector('[role=alert].nbt-bad')?.textContent).toContain('does not answer');
    expect(shown(panel)).toEqual(['r0', 'r1']);
    server.failure = null;
    [...panel.node.querySelectorAll('button')].find(one => one.textContent === 'Try again')?.click();
    await settle();
    expect(panel.node.querySelector('.nbt-bad')).toBeNull();
    panel.dispose();
  });

  it('shows text as text (A11)', async () => {
    const bad = '<img src=x onerror="alert(1)">';
    const row = runOf({ name: bad, project: 'p', tags: [bad], notes: bad, group: bad, trouble: bad, summary: { loss: bad } });
    const { panel } = await opened([row], { choices: { ...DEFAULTS, group: 'none', columns: ['value', 'tags', 'notes'] } });
    expect(panel.node.querySelector('img')).toBeNull();
    expect(shown(panel)).toEqual([bad]);
    expect([...panel.node.querySelectorAll('.nbt-row .nbt-row-cell')].map(node => node.textContent)).toEqual([bad, bad, bad]);
    panel.dispose();
  });

  it('says of which metric values are: in the head, or in each line', async () => {
    const rows = [runOf({ id: 'x', summary: { loss: 0.5 } }), runOf({ id: 'y', summary: { 'val/acc': 1 } })];
    const { panel, server } = await opened(rows, { choices: { group: 'none', columns: ['value'], metric: '' } });
    const texts = (selector: string): (string | null)[] =>
      [...panel.node.querySelectorAll(`${selector} [data-column=value]`)].map(node => node.textContent);
    expect([texts('.nbt-head'), texts('.nbt-row')]).toEqual([['Value'], ['loss0.5', 'acc1']]);
    server.all = rows.slice(0, 1);
    server.change();
    await settle();
    expect([texts('.nbt-head'), texts('.nbt-row')]).toEqual([['loss'], ['0.5']]);
    panel.dispose();
  });

  it('says how fast a run goes and what is left, while anything comes', async () => {
    const run = runOf({ runtime_s: 10, last_step: 100, n_rows: 101, config: { steps: 1101 } });
    const { panel } = await opened([run], { choices: { group: 'none', columns: ['rate', 'left'] } });
    const texts = (): (string | null)[] => [...panel.node.querySelectorAll('.nbt-row .nbt-number')].map(node => node.textContent);
    expect(texts()).toEqual(['10', '2 min']);
    await vi.advanceTimersByTimeAsync(70_000);
    expect(texts()).toEqual(['idle']);
    panel.dispose();
  });

  it('says everything in the tooltip of a name', async () => {
    const { panel } = await opened([runOf({ summary: { loss: 0.5 } })], { choices: { group: 'none', columns: ['value', 'id'] } });
    const title = panel.node.querySelector('.nbt-row .nbt-row-name')?.getAttribute('title');
    expect(title?.split('\n').slice(-2)).toEqual(['loss: 0.5', 'Id: abcd1234']);
    panel.dispose();
  });

  it('asks a server without our extension no more, until it is told to', async () => {
    const { panel, server } = await opened([], { choices: { group: 'none' } }, new RefusedError(404, 'no extension'));
    expect([server.asked.length, server.listener]).toEqual([1, null]);
    const fields = server.n_fields;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([server.asked.length, server.n_fields]).toEqual([1, fields]);
    server.failure = null;
    server.all = rowsOf(1);
    [...panel.node.querySelectorAll('button')].find(one => one.textContent === 'Try again')?.click();
    await settle();
    expect([shown(panel), server.listener === null]).toEqual([['r0'], false]);
    panel.dispose();
  });

  it('moves the clock of a run that goes on', async () => {
    const { panel } = await opened([runOf({ runtime_s: 100 })], { choices: { group: 'none', columns: ['runtime'] } });
    const clock = (): string | null | undefined => panel.node.querySelector('.nbt-row .nbt-number')?.textContent;
    const before = clock();
    await vi.advanceTimersByTimeAsync(3000);
    expect([before, clock()]).toEqual(['1 min 41 s', '1 min 44 s']);
    panel.dispose();
  });
});
