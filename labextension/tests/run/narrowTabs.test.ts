import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { element } from '../../src/run/elements.js';
import { frame } from '../../src/run/frame.js';
import { Tabs } from '../../src/run/tabs.js';
import { english } from '../../src/run/words.js';

it('tabs without room go on in a second line, after the filter has given way', () => {
  const tabs = new Tabs('Pages', [{ key: 'a', label: 'A', node: element('div') }], () => undefined);
  const style = element('style', {}, readFileSync('style/run.css', 'utf8'));
  document.body.replaceChildren(style, frame(tabs, english, () => undefined).node);
  const { flexWrap, overflow } = getComputedStyle(tabs.list);
  expect([flexWrap, overflow]).toEqual(['wrap', '']);
  const filter = document.querySelector('.nbt-filter') as HTMLElement;
  expect(Number(getComputedStyle(filter).flexShrink)).toBeGreaterThan(100);
});
