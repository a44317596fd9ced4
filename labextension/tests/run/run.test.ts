import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { memoryStorage, mountRun, type RunOptions, type Shown } from '../../src/run/index.js';
import { cellOf, changeOf, HandFeed, metricOf, runOf } from '../runs.js';

let host: HTMLElement;
let feed: HandFeed;
let shown: Shown | null;

beforeEach(() => {
  vi.useFakeTimers();
  host = document.createElement('div');
  document.body.append(host);
  feed = new HandFeed();
  shown = null;
});
afterEach(() => {
  shown?.dispose();
  host.remove();
  vi.useRealTimers();
});

async function show(options: RunOptions = {}): Promise<void> {
  shown = mountRun(host, feed, options);
  await vi.advanceTimersByTimeAsync(600);
}

async function change(): Promise<void> {
  feed.change();
  await vi.advanceTimersByTimeAsync(600);
}

const text = (selector: string): string => host.querySelector(selector)?.textContent ?? '';
const texts = (selector: string): string[] =>
  [...host.querySelectorAll(selector)].map(node => node.textContent ?? '');
const tab = (name: string): HTMLElement | undefined =>
  [...host.querySelectorAll<HTMLElement>('[role=tab]')].find(node => node.textContent?.startsWith(name));

describe('the config', () => {
  it('tells each change with its cell and step, pinned keys first', async () => {
    feed.run = runOf({
      config_entries: [
        { key: 'layers', value: 3, desc: null, pinned: false, changes: [] },
        { key: 'lr', value: 0.003, desc: 'learning rate', pinned: true, changes: [changeOf({})] }
      ]
    });
    await show();
    expect(texts('.nbt-facts th[scope=row]').slice(0, 2)).toEqual(['lr', 'layers']);
    expect(texts('.nbt-changes > div').slice(0, 2)).toEqual(['learning rate', '0.01 → 0.003 @ cell [7], step 120']);
  });

  it('leads from a change to its cell', async () => {
    const onCell = vi.fn();
    feed.run = runOf({
      config_entries: [{ key: 'lr', value: 1, desc: null, pinned: false, changes: [changeOf({})] }]
    });
    await show({ onCell });
    host.querySelector<HTMLElement>('.nbt-changes button')?.click();
    expect(onCell).toHaveBeenCalledExactlyOnceWith('s-7');
  });

  it('has its keys as they are, for those of the top are not escaped', async () => {
    feed.run = runOf({ config_entries: [{ key: 'C:\\data', value: 1, desc: null, pinned: false, changes: [] }] });
    await show();
    expect(texts('.nbt-facts th[scope=row]')).toEqual(['C:\\data']);
  });

  it('keeps the rows it has when a value changes', async () => {
    const entry = { key: 'lr', desc: null, pinned: false, changes: [] };
    feed.run = runOf({ config_entries: [{ ...entry, value: 1 }] });
    await show();
    const row = host.querySelector('.nbt-facts tbody tr');
    feed.run = runOf({ config_entries: [{ ...entry, value: 2 }] });
    await change();
    expect(host.querySelector('.nbt-facts tbody tr')).toBe(row);
    expect(row?.querySelector('.nbt-value')?.textContent).toBe('2');
  });

  it('leaves most of ten thousand keys to the filter', async () => {
    feed.run = runOf({
      config_entries: Array.from({ length: 10_000 }, (_, i) => ({
        key: `key${i}`, value: i, desc: null, pinned: false, changes: []
      }))
    });
    await show();
    expect(host.querySelectorAll('.nbt-facts tbody tr')).toHaveLength(400);
    const filter = host.querySelector<HTMLInputElement>('.nbt-filter');
    filter!.value = 'key9999';
    filter!.dispatchEvent(new Event('input'));
    expect(texts('.nbt-facts th[scope=row]')).toEqual(['key9999']);
  });
});

describe('the summary', () => {
  it('spells names with a dot as people wrote them, unless two would look alike', async () => {
    feed.run = runOf({ summary: { 'val\\.loss': 1 } });
    await show();
    expect(texts('.nbt-facts th[scope=row]')).toEqual(['val.loss']);
    feed.run = runOf({ summary: { 'val\\.loss': 1, 'val.loss': 2 } });
    await change();
    expect(texts('.nbt-facts th[scope=row]')).toEqual(['val\\.loss', 'val.loss']);
  });
});

describe('the charts', () => {
  it('stand in sections by the part of the name before the last slash', async () => {
    feed.run = runOf({
      metrics: ['val/loss', 'lr', 'train/a/x', 'train/a/y'].map(name => metricOf(name))
    });
    await show();
    expect(texts('.nbt-section > summary')).toEqual(['General ', 'val ', 'train/a 2']);
  });

  it('leave out what is hidden or no number', async () => {
    feed.run = runOf({ metrics: [metricOf('a', { hidden: true }), metricOf('b', { is_numeric: false })] });
    await show();
    expect(host.querySelectorAll('.nbt-place')).toHaveLength(0);
    expect(text('.nbt-sections .nbt-more')).toBe('Nothing was logged yet.');
  });

  it('stay where they are when metrics come', async () => {
    feed.run = runOf({ metrics: [metricOf('b')] });
    await show();
    const place = host.querySelector('.nbt-place');
    feed.run = runOf({ metrics: [metricOf('a'), metricOf('b')] });
    await change();
    expect(host.querySelector('[data-metric=b]')).toBe(place);
    expect(host.querySelectorAll('.nbt-place')).toHaveLength(2);
  });

  it('remember which sections were closed', async () => {
    const storage = memoryStorage();
    storage.set('sections:closed', ['val']);
    feed.run = runOf({ metrics: [metricOf('train/a'), metricOf('val/a')] });
    await show({ storage });
    const open = [...host.querySelectorAll<HTMLDetailsElement>('.nbt-section')].map(node => node.open);
    expect(open).toEqual([true, false]);
  });
});

describe('the cells', () => {
  it('are asked for when their page is shown, and their source when they are opened', async () => {
    feed.shownCells = [cellOf({ count: 7, source: 'train()', n_rows: 2 })];
    await show();
    expect(host.querySelectorAll('.nbt-cell')).toHaveLength(0);
    tab('Cells')?.click();
    await vi.advanceTimersByTimeAsync(600);
    expect(text('.nbt-cell summary')).toBe('[7] · ok · 2.5 s · 2 rows · train()');
    const cell = host.querySelector<HTMLDetailsElement>('.nbt-cell');
    expect(text('.nbt-source')).toBe('');
    cell!.open = true;
    cell!.dispatchEvent(new Event('toggle'));
    expect(text('.nbt-source')).toBe('train()');
  });
});

describe('tabs', () => {
  it('go round with the arrow keys, which do not reach the notebook', async () => {
    await show();
    const outside = vi.fn();
    host.addEventListener('keydown', outside);
    tab('Charts')?.focus();
    const press = (key: string): boolean | undefined =>
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    press('ArrowLeft');
    expect(document.activeElement?.textContent).toMatch(/^Cells/);
    press('ArrowRight');
    press('ArrowRight');
    expect(document.activeElement?.textContent).toMatch(/^Config/);
    expect(outside).not.toHaveBeenCalled();
  });

  it('have one stop for the Tab key, and name what they control', async () => {
    await show();
    const tabs = [...host.querySelectorAll<HTMLElement>('[role=tab]')];
    expect(tabs.map(node => node.tabIndex)).toEqual([0, -1, -1, -1]);
    for (const node of tabs) {
      const page = host.querySelector(`#${node.getAttribute('aria-controls')}`);
      expect(page?.getAttribute('aria-labelledby')).toBe(node.id);
    }
  });
});

describe('any text of a run', () => {
  const PAYLOADS = [
    '<script>window.hacked = 1</script>',
    '<img src=x onerror="window.hacked = 1">',
    '</textarea><svg onload=alert(1)>',
    'javascript:alert(1)',
    '{{7*7}}',
    '" onmouseover="alert(1)',
    '&lt;b&gt;'
  ];

  it.each(PAYLOADS)('A11 is text on the screen: %s', async payload => {
    feed.run = runOf({
      name: payload,
      project: payload,
      error: payload,
      damages: [payload],
      metrics: [metricOf(`${payload}/${payload}`, { section: payload })],
      summary: { [payload]: payload },
      config_entries: [
        { key: payload, value: { [payload]: payload }, desc: payload, pinned: false, changes: [changeOf({ old: payload, new: payload })] }
      ]
    });
    await show();
    expect(host.querySelectorAll('script, img, svg, a, form, iframe')).toHaveLength(0);
    expect(text('.nbt-name')).toBe(payload);
  });
});

describe('a display', () => {
  it('says why when the run cannot be read, and goes on when it can', async () => {
    await show();
    feed.failure = Object.assign(new Error('The server answered 503'), { hint: 'Wait' });
    await change();
    expect(text('[role=alert]')).toBe('The server answered 503. Wait');
    feed.failure = null;
    await change();
    expect(host.querySelector<HTMLElement>('[role=alert]')?.hidden).toBe(true);
  });

  it('has its height from the first moment, and less where there is no chart', async () => {
    const heights = (): (string | undefined)[] => {
      const style = host.querySelector<HTMLElement>('.nbt-run')?.style;
      return [style?.height, style?.maxHeight];
    };
    shown = mountRun(host, feed, { height: 300 });
    expect(heights()).toEqual(['300px', '']);
    await change();
    expect(heights()).toEqual(['', '300px']);
    feed.run = runOf({ metrics: [metricOf('loss')] });
    await change();
    expect(heights()).toEqual(['300px', '']);
  });

  it('does nothing more once it is disposed, though an answer comes', async () => {
    await show();
    tab('Cells')?.click();
    const asked = vi.spyOn(feed, 'cells');
    let answer: (run: typeof feed.run) => void = () => undefined;
    feed.detail = () => new Promise(done => (answer = done));
    await change();
    asked.mockClear();
    const title = host.querySelector('.nbt-name');
    shown?.dispose();
    answer(runOf({ name: 'late' }));
    await vi.advanceTimersByTimeAsync(1000);
    expect([asked.mock.calls.length, title?.textContent]).toEqual([0, 'calm-river']);
  });

  it('leaves nothing behind', async () => {
    await show();
    shown?.dispose();
    expect([host.childNodes.length, feed.listeners.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });
});
