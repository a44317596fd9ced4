import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CodePage } from '../../src/run/codePage.js';
import { type CompareOptions, mountCompare, type Shown } from '../../src/run/index.js';
import { Sections } from '../../src/run/sections.js';
import { english } from '../../src/run/words.js';
import type { CodeLines, Comparison, Difference } from '../../src/wire/types.js';
import { HandFeed, metricOf, runOf } from '../runs.js';

let host: HTMLElement;
let feeds: [HandFeed, HandFeed, ...HandFeed[]];
let shown: Shown | null;

beforeEach(() => {
  vi.useFakeTimers();
  host = document.createElement('div');
  document.body.append(host);
  feeds = [new HandFeed(), new HandFeed()];
  feeds[0].run = runOf({ id: 'a', name: 'slow', metrics: [metricOf('loss'), metricOf('x')] });
  feeds[1].run = runOf({ id: 'b', name: 'fast', metrics: [metricOf('loss')] });
});
afterEach(() => {
  shown?.dispose();
  host.remove();
  vi.useRealTimers();
});

async function show(comparison?: () => Promise<Comparison>, options: CompareOptions = {}): Promise<void> {
  shown = mountCompare(host, feeds, { ...options, ...(comparison && { comparison }) });
  await vi.advanceTimersByTimeAsync(100);
}

const tab = (name: string): void =>
  [...host.querySelectorAll<HTMLElement>('[role=tab]')].find(node => node.textContent?.startsWith(name))?.click();
const button = (name: string): HTMLButtonElement | undefined =>
  [...host.querySelectorAll<HTMLButtonElement>('.nbt-tabpage:not([hidden]) button')].find(node => node.textContent?.startsWith(name));
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

const texts = (selector: string): string[] =>
  [...host.querySelectorAll(selector)].map(node => node.textContent ?? '');

const differs = (key: string, ...values: unknown[]): Difference => ({ key, values, has: values.map(() => true) });
const comparison = (changes: Partial<Comparison>): Comparison => ({
  runs: feeds.map(feed => feed.run),
  config: [],
  summary: [],
  code: [],
  environment: [],
  same: 0,
  left_out: 0,
  ...changes
});

it('has one chart for each metric that any of the runs has', async () => {
  await show();
  expect([...host.querySelectorAll<HTMLElement>('.nbt-place')].map(place => place.dataset['metric'])).toEqual(['loss', 'x']);
});

it('tells in what runs differ, and what a run lacks', async () => {
  await show(() =>
    Promise.resolve(
      comparison({
        config: [
          { key: 'lr', values: [0.1, 0.9], has: [true, true] },
          { key: 'seed', values: [null, 7], has: [false, true] }
        ]
      })
    )
  );
  tab('Config');
  expect(texts('.nbt-differences tr')).toEqual(['Keyslowfast', 'lr0.10.9', 'seed–7']);
});

it('spells keys as people wrote them, in the table and at the axes', async () => {
  const config = [{ key: 'model\\.width', values: [8, 16], has: [true, true] }];
  const code = [{ key: 'src\\a.py', values: [1, 2], has: [true, true] }];
  await show(() => Promise.resolve(comparison({ config, code })));
  ['Config', 'Code', 'Coordinates'].forEach(tab);
  expect(texts('.nbt-differences tbody th')).toEqual(['model.width', 'src\\a.py']);
  expect([...host.querySelectorAll('.nbt-across-key')].map(node => node.firstChild?.textContent)).toEqual(['model.width']);
});

it('tells runs of the same name apart by their ids', async () => {
  feeds[1].run = runOf({ id: 'b', name: 'slow' });
  await show();
  expect(texts('.nbt-legend li')).toEqual(['slow (a)running', 'slow (b)running']);
});

it('shows the others when one run is gone, and says which is not there', async () => {
  feeds[0].failure = new Error('digits/a is not there');
  await show();
  expect(texts('.nbt-legend li')).toEqual(['fastrunning']);
  expect(texts('[role=alert]')).toEqual(['digits/a is not there']);
});

it('draws a page when it is shown, and not before', async () => {
  await show(() => Promise.resolve(comparison({ config: [differs('lr', 1, 2)], environment: [differs('python', 3, 4)] })));
  expect(texts('.nbt-differences, .nbt-across-key')).toEqual([]);
  tab('Environment');
  expect(texts('.nbt-differences tbody tr')).toEqual(['python34']);
});

it('shows so many rows, and more when they are asked for', async () => {
  const config = Array.from({ length: 1000 }, (_, i) => differs(`key${i}`, 1, 2));
  await show(() => Promise.resolve(comparison({ config })));
  tab('Config');
  const n = (): number => host.querySelectorAll('.nbt-differences tbody tr').length;
  const more = button('Show more');
  expect([n(), more?.textContent]).toEqual([400, 'Show more (600 rows)']);
  more?.click();
  more?.click();
  expect([n(), more?.hidden]).toEqual([1000, true]);
});

it('counts the files of the code, not the code as a whole', async () => {
  await show(() => Promise.resolve(comparison({ code: [differs('', 'x', 'y'), differs('a.py', 1, 2)] })));
  expect(texts('[role=tab]').find(text => text.startsWith('Code'))).toBe('Code (1)');
});

it('says how many differences it was not told', async () => {
  await show(() => Promise.resolve(comparison({ left_out: 7 })));
  tab('Summary');
  expect(texts('.nbt-tabpage:not([hidden]) .nbt-left-out')).toEqual(['7 more differences are not told here.']);
});

it('hides a run, and says so to who cannot see it', async () => {
  await show();
  const [slow, fast] = [...host.querySelectorAll<HTMLButtonElement>('.nbt-legend button')] as [HTMLButtonElement, HTMLButtonElement];
  fast.click();
  feeds[1].run = { ...feeds[1].run, state: 'finished' };
  feeds[1].change();
  await vi.advanceTimersByTimeAsync(3000);
  const pressed = [...host.querySelectorAll('.nbt-legend button')].map(node => node.getAttribute('aria-pressed'));
  expect([slow.textContent, pressed]).toEqual(['slowrunning', ['true', 'false']]);
});

it('hides a run among the coordinates too', async () => {
  await show(() => Promise.resolve(comparison({ config: [differs('lr', 1, 2)] })));
  tab('Coordinates');
  host.querySelector<HTMLButtonElement>('.nbt-legend button')?.click();
  expect([...host.querySelectorAll('.nbt-across [role=listitem]')].map(node => node.getAttribute('aria-label'))).toEqual(['fast: lr 2']);
});

it('draws the line of a run in the legend as its curve is drawn', async () => {
  await show();
  const lines = [...host.querySelectorAll('.nbt-legend path')].map(line => [line.getAttribute('stroke'), line.getAttribute('stroke-dasharray')]);
  expect(lines).toEqual([['#0072b2', ''], ['#d55e00', '']]);
});

describe('the code', () => {
  const lines = (...some: [CodeLines['lines'][0]['sign'], string][]): CodeLines => ({
    path: 'a.py', lines: some.map(([sign, text]) => ({ sign, text })), is_cut: false
  });
  const code = [differs('', 'x', 'y'), differs('a.py', 1, 2)];
  const opener = (): HTMLButtonElement => host.querySelector('.nbt-opener') as HTMLButtonElement;

  it('shows in which lines a file differs, by signs', async () => {
    const codeLines = vi.fn(() => Promise.resolve(lines(['@', '-1 +1'], ['-', 'old'], ['+', '<b>new</b>'], [' ', 'same'])));
    await show(() => Promise.resolve(comparison({ code })), { codeLines });
    tab('Code');
    expect([texts('.nbt-path'), opener().getAttribute('aria-expanded'), codeLines.mock.calls]).toEqual([['a.py'], 'false', []]);
    opener().click();
    await settle();
    expect([opener().getAttribute('aria-expanded'), codeLines.mock.calls]).toEqual(['true', [[0, 1, 'a.py']]]);
    expect(texts('.nbt-diff-line')).toEqual(['@@ -1 +1 @@\n', '-old\n', '+<b>new</b>\n', ' same\n']);
    expect([...host.querySelectorAll('.nbt-diff-line')].map(({ tagName }) => tagName)).toEqual(['SPAN', 'DEL', 'INS', 'SPAN']);
    opener().click();
    expect(host.querySelector<HTMLElement>('.nbt-diff-place')?.hidden).toBe(true);
  });

  it('says what went wrong, and tries again when it is asked to', async () => {
    const codeLines = vi.fn(() => Promise.resolve(lines(['+', 'x'])));
    codeLines.mockRejectedValueOnce(Object.assign(new Error('too large'), { hint: 'Look at the file' }));
    await show(() => Promise.resolve(comparison({ code })), { codeLines });
    tab('Code');
    opener().click();
    await settle();
    expect(texts('.nbt-diff-place [role=alert]')).toEqual(['too large. Look at the file']);
    button('Try again')?.click();
    await settle();
    expect(texts('.nbt-diff-place')).toEqual(['+x\n']);
  });

  it('draws so many lines, and more when they are asked for', async () => {
    const long = { ...lines(...Array.from({ length: 1000 }, (): [' ', string] => [' ', 'x'])), is_cut: true };
    await show(() => Promise.resolve(comparison({ code })), { codeLines: () => Promise.resolve(long) });
    tab('Code');
    opener().click();
    await settle();
    const n = (): number => host.querySelectorAll('.nbt-diff-line').length;
    expect([n(), texts('.nbt-diff-place > p')]).toEqual([400, ['']]);
    button('Show more')?.click();
    button('Show more')?.click();
    expect([n(), texts('.nbt-diff-place > p')]).toEqual([1000, ['More differs than is told here: the file is too long.']]);
  });

  it('lets two of several runs be chosen, and keeps what is open', async () => {
    const codeLines = vi.fn(() => Promise.resolve(lines(['+', 'x'])));
    feeds.push(new HandFeed());
    feeds[2]!.run = runOf({ id: 'c', name: 'third' });
    const three = [{ key: 'a.py', values: [1, 2, 3], has: [true, true, true] }, { key: 'b.py', values: [null, null, 1], has: [false, false, true] }];
    await show(() => Promise.resolve(comparison({ code: three })), { codeLines });
    tab('Code');
    expect(texts('.nbt-diff-files > li > .nbt-more')).toEqual(['changed', 'in neither']);
    opener().click();
    const to = host.querySelectorAll<HTMLSelectElement>('.nbt-diff-head select')[1]!;
    to.value = '2';
    to.dispatchEvent(new Event('change'));
    await settle();
    expect(codeLines.mock.calls).toEqual([[0, 1, 'a.py'], [0, 2, 'a.py']]);
    expect(texts('.nbt-diff-files > li > .nbt-more')).toEqual(['changed', 'only in third']);
    expect(opener().getAttribute('aria-expanded')).toBe('true');
  });

  it('says the whole in words where no lines can be asked for', async () => {
    await show(() => Promise.resolve(comparison({ code })));
    tab('Code');
    expect(texts('.nbt-differences tbody th')).toEqual(['all of it', 'a.py']);
  });
});

describe('the page of the code', () => {
  const both = [differs('a.py', 1, 2), differs('b.py', 3, 4)];
  const asked = vi.fn((_a: number, _b: number, path: string) =>
    Promise.resolve<CodeLines>({ path, lines: [{ sign: '+', text: path }], is_cut: false }));
  let page: CodePage;
  const shownFiles = (): string[] =>
    [...page.node.querySelectorAll<HTMLElement>('.nbt-diff-files > li')]
      .filter(({ hidden }) => !hidden)
      .map(node => node.querySelector('.nbt-path')?.textContent ?? '');

  beforeEach(async () => {
    asked.mockClear();
    page = new CodePage(english, asked);
    host.append(page.node);
    page.update(['slow', 'fast'], both);
    page.node.querySelector<HTMLElement>('.nbt-opener')?.click();
    await settle();
  });

  it('keeps what is open, and its focus, while names and the filter change', async () => {
    const lines = page.node.querySelector<HTMLElement>('.nbt-diff')!;
    lines.focus();
    page.filter('a.');
    page.update(['slower', 'fast'], both);
    page.update(['slower', 'fast'], [differs('0.py', 1, 2), ...both]);
    expect([document.activeElement === lines, shownFiles()]).toEqual([true, ['a.py']]);
    page.filter('');
    await settle();
    expect(shownFiles()).toEqual(['0.py', 'a.py', 'b.py']);
    expect([page.node.querySelector('.nbt-diff') === lines, asked.mock.calls]).toEqual([true, [[0, 1, 'a.py']]]);
  });

  it('asks again for a file when a side of it changes, and says the new name of a run', async () => {
    page.update(['slow', 'fast'], [differs('a.py', 1, 9), { key: 'b.py', values: [3, null], has: [true, false] }]);
    await settle();
    expect(asked.mock.calls).toEqual([[0, 1, 'a.py'], [0, 1, 'a.py']]);
    const note = page.node.querySelector('li:last-child > .nbt-more')!;
    expect(note.textContent).toBe('only in slow');
    page.update(['slower', 'fast'], [differs('a.py', 1, 9), { key: 'b.py', values: [3, null], has: [true, false] }]);
    expect([note.isConnected, note.textContent]).toEqual([true, 'only in slower']);
  });
});

it('calls curves as their run is called now, and draws none anew', async () => {
  const renamed = vi.spyOn(Sections.prototype, 'rename');
  await show();
  const places = [...host.querySelectorAll('.nbt-place')];
  feeds[1].run = { ...feeds[1].run, name: 'faster' };
  feeds[1].change();
  await vi.advanceTimersByTimeAsync(3000);
  expect(renamed.mock.lastCall).toEqual([['slow', 'faster']]);
  expect([...host.querySelectorAll('.nbt-place')]).toEqual(places);
  renamed.mockRestore();
});

it('leaves nothing behind', async () => {
  await show();
  shown?.dispose();
  await vi.advanceTimersByTimeAsync(5000);
  expect([host.childNodes.length, feeds[0].listeners.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
});
