import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { lineColor, themeOf } from '../../src/charts/theme.js';
import { DEFAULTS } from '../../src/sidebar/choices.js';
import { RefusedError } from '../../src/wire/client.js';
import { runOf } from '../runs.js';
import { opened, settle } from './openedPanel.js';
import { rowsOf } from './rows.js';

describe('what the panel shows', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('shows config keys in which runs differ, until others are chosen', async () => {
    const rows = [runOf({ id: 'x', config: { lr: 0.1, same: 1 } }), runOf({ id: 'y', config: { lr: 0.2, same: 1 } })];
    const { panel, server } = await opened(rows);
    const texts = (): (string | null)[] => [...panel.node.querySelectorAll('[data-column^="config."]')].map(node => node.textContent);
    expect(texts()).toEqual(['lr', '0.1', '0.2']);
    panel.choose({ columns: ['value'] });
    await settle();
    expect(texts()).toEqual([]);
    panel.choose({ columns: DEFAULTS.columns });
    server.all = rows.slice(0, 1);
    server.change();
    await settle();
    expect(texts()).toEqual([]);
    panel.dispose();
  });

  it('calls the orders of a column of texts by their letters', async () => {
    const rows = ['adam', 'sgd'].map((optim, i) => runOf({ id: optim, config: { optim, lr: i } }));
    const { panel } = await opened(rows, { choices: { group: 'none', order: '-config.optim' } });
    expect(panel.node.querySelector('.nbt-status')?.textContent).toBe('2 runs, optim, Z to A');
    const sorts = (key: string): string | undefined => panel.node.querySelector<HTMLElement>(`[data-column="config.${key}"] button`)?.title;
    expect([sorts('optim'), sorts('lr')]).toEqual(['Sorted: optim, Z to A. Press for: A to Z', 'Sort by lr, largest first']);
    panel.dispose();
  });

  it('marks runs to be compared with the colours of their curves, in the order in which they were selected', async () => {
    const { panel } = await opened(rowsOf(4));
    const marks = (): (string | null)[] =>
      [...panel.node.querySelectorAll<HTMLElement>('.nbt-row .nbt-curve-mark')].map(node => (node.hidden ? null : node.style.background));
    panel.list.selecting.toggle(panel.list.lines.sections[0]!.rows[2]!);
    expect(marks()).toEqual([null, null, null, null]);
    panel.list.selecting.toggle(panel.list.lines.sections[0]!.rows[0]!);
    const color = (index: number): string => lineColor(themeOf(panel.node), index);
    expect(marks()).toEqual([color(1), null, color(0), null]);
    panel.list.selecting.clear();
    expect(marks()).toEqual([null, null, null, null]);
    panel.dispose();
  });

  it('says in which order runs stand, in the head, too', async () => {
    const { panel, server } = await opened(rowsOf(2), { choices: { group: 'none', columns: ['created_at', 'spark'] } });
    const head = (): (string | null)[] => [...panel.node.querySelectorAll('[role=columnheader]')].map(one => one.getAttribute('aria-sort'));
    const status = (): string | null | undefined => panel.node.querySelector('.nbt-status')?.textContent;
    expect([status(), head()]).toEqual(['2 runs, newest first', ['none', 'descending', null]]);
    const press = (text: string): void => [...panel.node.querySelectorAll<HTMLElement>('.nbt-head button')].find(one => one.textContent === text)?.click();
    press('Run');
    await settle();
    expect([status(), head(), server.asked.at(-1)?.order]).toEqual(['2 runs, Run, A to Z', ['ascending', 'none', null], '+display_name']);
    expect(panel.node.querySelector('.nbt-head button')?.getAttribute('title')).toBe('Sorted: Run, A to Z. Press for: Z to A');
    panel.dispose();
  });

  it('says the whole of what is wrong with a filter, and what may have been meant', async () => {
    const { panel, server } = await opened(rowsOf(2));
    const input = panel.node.querySelector<HTMLInputElement>('.nbt-filter')!;
    server.failure = new RefusedError(400, 'no run has los');
    // What there is to name was asked for before.
    await vi.advanceTimersByTimeAsync(0);
    input.value = 'los<0.5';
    input.dispatchEvent(new Event('input'));
    await settle();
    const meant = (): HTMLElement[] => [...panel.node.querySelectorAll<HTMLElement>('.nbt-filter-meant button')];
    expect([panel.node.querySelector('.nbt-filter-said')?.textContent, meant().map(one => one.textContent)]).toEqual([
      'no run has los', ['loss<0.5']
    ]);
    server.failure = null;
    meant()[0]?.click();
    await settle();
    expect([input.value, server.asked.at(-1)?.filter, meant(), document.activeElement]).toEqual(['loss<0.5', 'loss<0.5', [], input]);
    panel.dispose();
  });

  it('waits no more for runs when the filter that was kept is refused', async () => {
    const { panel } = await opened(rowsOf(1), { choices: { filter: 'x<1' } }, new RefusedError(400, 'no run has x'));
    expect(panel.node.querySelector('.nbt-status')?.textContent).toBe('');
    panel.dispose();
  });
});
