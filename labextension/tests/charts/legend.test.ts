import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { Hiding } from '../../src/charts/hiding.js';
import type { ChartHandle, ChartOptions } from '../../src/charts/index.js';
import { button, drawn, overlaid, press, storage, withCharts } from './mounting.js';
import { MemoryFeed, rowsOf } from './standin.js';

withCharts();

const LABELS = ['slow', 'fast', 'wild'];

function three(options: ChartOptions = {}): { chart: ChartHandle; feeds: MemoryFeed[] } {
  const feeds = LABELS.map((_, i) => new MemoryFeed(rowsOf([1, 2, 10 ** i])));
  return { chart: overlaid(feeds.map((feed, i) => ({ label: LABELS[i]!, feed, metric: 'loss' })), options), feeds };
}

function shown(chart: ChartHandle): boolean[] {
  return LABELS.map(label => button(chart, label).getAttribute('aria-pressed') === 'true');
}

describe('a name in the legend', () => {
  test('hides and shows its curve, and keeps the focus', async () => {
    const { chart } = three();
    await drawn();
    button(chart, 'wild').focus();
    button(chart, 'wild').click();
    await drawn();
    expect(shown(chart)).toEqual([true, true, false]);
    expect(chart.summary()).toContain('wild: hidden.');
    const files = [chart.exportCsv(), chart.exportSvg().replace(/<desc>.*<\/desc>/, '')];
    expect(files.map(text => [text.includes('fast'), text.includes('wild')])).toEqual([[true, false], [true, false]]);
    expect(document.activeElement).toBe(button(chart, 'wild'));
    button(chart, 'wild').click();
    await drawn();
    expect(chart.summary()).toContain('highest 100');
  });

  test('the axis fits what is shown, and the colours stay', async () => {
    const { chart } = three();
    await drawn();
    const of = (label: string): string => button(chart, label).querySelector('path')!.getAttribute('stroke')!;
    const before = LABELS.map(of);
    expect(chart.exportSvg()).toContain('>100<');
    button(chart, 'wild').click();
    await drawn();
    expect(chart.exportSvg()).not.toContain('>100<');
    expect(LABELS.map(of)).toEqual(before);
  });

  test.each(['altKey', 'ctrlKey'])('shows it alone with %s, by mouse and by key, and all again', async key => {
    const { chart } = three();
    await drawn();
    button(chart, 'fast').dispatchEvent(new MouseEvent('click', { [key]: true }));
    await drawn();
    expect(shown(chart)).toEqual([false, true, false]);
    button(chart, 'fast').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', [key]: true }));
    await drawn();
    expect(shown(chart)).toEqual([true, true, true]);
  });

  test('may become another while the chart stands, and the zoom stays', async () => {
    const { chart } = three();
    await drawn();
    press(chart, '+');
    chart.update({ labels: ['calm', 'fast', 'wild'] });
    await drawn();
    const names = [...chart.element.querySelectorAll('.nbt-chart-legend button')].map(one => one.textContent);
    expect([names, button(chart, 'Reset zoom').hidden]).toEqual([['calm', 'fast', 'wild'], false]);
    expect(chart.summary()).toContain('calm: ');
  });

  test('keeps its keys from the notebook around it', async () => {
    const { chart } = three();
    await drawn();
    const heard = vi.fn();
    document.body.addEventListener('keydown', heard);
    for (const key of ['Enter', ' ', 'Tab']) {
      button(chart, 'fast').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }
    document.body.removeEventListener('keydown', heard);
    expect(heard.mock.calls.map(([event]) => (event as KeyboardEvent).key)).toEqual(['Tab']);
  });
});

test('with few colours, names and curves differ by their dashes from the first on', async () => {
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: query.includes('forced-colors'), addEventListener: () => undefined, removeEventListener: () => undefined
  }));
  const { chart } = three();
  await drawn();
  const looks = [...chart.element.querySelectorAll('.nbt-chart-legend path')].map(path =>
    ['stroke', 'stroke-dasharray'].map(name => path.getAttribute(name)!)
  );
  expect(new Set(looks.map(([, dash]) => dash)).size).toBe(3);
  expect(looks.map(([color]) => color)).toEqual(['CanvasText', 'LinkText', 'Highlight']);
  looks.forEach(([, dash]) => dash !== '' && expect(chart.exportSvg()).toContain(`stroke-dasharray="${dash}"`));
});

test('a hidden curve that still runs leaves no room for what it may bring', async () => {
  const paths = async (isRunning: boolean): Promise<unknown> => {
    const feeds = [false, isRunning].map(is => new MemoryFeed({ x: [0, 1, 2, 90], y: [1, 2, 3, 4], isRunning: is }));
    const chart = overlaid(feeds.map((feed, i) => ({ label: LABELS[i]!, feed, metric: 'loss' })));
    await drawn();
    button(chart, 'fast').click();
    await drawn();
    return chart.exportSvg().match(/ d="[^"]*"/g);
  };
  expect(await paths(true)).toEqual(await paths(false));
});

describe('what is hidden', () => {
  test('is remembered by the page, or by nobody: two runs may have one name', async () => {
    const kept = storage();
    const { chart } = three({ storage: kept });
    await drawn();
    button(chart, 'slow').click();
    expect(kept.kept.size).toBe(0);
    const again = three({ storage: kept }).chart;
    await drawn();
    expect(shown(again)).toEqual([true, true, true]);
  });

  test('is told, and remembered by nobody else, if the page has its own mind', async () => {
    const kept = storage();
    const onHidden = vi.fn();
    const { chart } = three({ storage: kept, hidden: new Set([1]), onHidden });
    await drawn();
    expect(shown(chart)).toEqual([true, false, true]);
    button(chart, 'wild').click();
    expect(onHidden.mock.calls).toEqual([[new Set([1, 2])]]);
    expect(kept.kept.size).toBe(0);
    chart.setHidden(new Set([0, 99]));
    await drawn();
    expect([shown(chart), onHidden.mock.calls.length]).toEqual([[false, true, true], 1]);
  });

  test('is not asked for until it is shown', async () => {
    const { chart, feeds } = three({ hidden: new Set([1]) });
    await drawn();
    expect(feeds.map(feed => feed.asked.length > 0)).toEqual([true, false, true]);
    chart.setHidden(new Set());
    await drawn();
    expect(chart.summary()).toContain('fast: rising');
  });

  test('toggling twice changes nothing, and alone twice shows all', () => {
    const given = fc.record({ hidden: fc.uniqueArray(fc.nat(4)), line: fc.nat(4) });
    fc.assert(
      fc.property(given, ({ hidden, line }) => {
        const hiding = new Hiding(5, new Set(hidden));
        hiding.toggle(line);
        expect(hiding.lines.has(line)).toBe(!hidden.includes(line));
        hiding.toggle(line);
        expect(hiding.lines).toEqual(new Set(hidden));
        hiding.set(new Set());
        hiding.single(line);
        expect(hiding.lines).toEqual(new Set([0, 1, 2, 3, 4].filter(one => one !== line)));
        hiding.single(line);
        expect(hiding.lines.size).toBe(0);
      })
    );
  });
});
