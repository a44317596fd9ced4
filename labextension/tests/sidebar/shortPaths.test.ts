import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { shortPaths } from '../../src/sidebar/shortPaths.js';
import { runOf } from '../runs.js';
import { opened } from './openedPanel.js';

describe('short paths', () => {
  it('are the name of the file, with folders where two are alike', () => {
    const paths = ['/home/me/a/train.ipynb', '/home/me/b/train.ipynb', '/home/me/b/plot.ipynb', '/'];
    expect([...shortPaths(paths)].sort()).toEqual([
      ['/', '/'],
      ['/home/me/a/train.ipynb', 'a/train.ipynb'],
      ['/home/me/b/plot.ipynb', 'plot.ipynb'],
      ['/home/me/b/train.ipynb', 'b/train.ipynb']
    ]);
    expect([...shortPaths(['/x/a/n', '/y/a/n', 'n']).values()].sort()).toEqual(['n', 'x/a/n', 'y/a/n']);
  });

  it('tell all paths from each other, and are their ends', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map(parts => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path), paths => {
        const short = shortPaths(paths);
        expect(new Set(short.values()).size).toBe(paths.length);
        paths.forEach(one => expect(one.endsWith(`/${short.get(one)}`)).toBe(true));
      })
    );
  });
});

describe('heads of notebooks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('show the name of the file; the whole path is their tooltip', async () => {
    const rows = [runOf({ id: 'x', notebook: '/home/me/deep/train.ipynb' }), runOf({ id: 'y', notebook: '/home/me/plot.ipynb' })];
    const { panel } = await opened(rows, { choices: { group: 'notebook' } });
    const heads = [...panel.node.querySelectorAll<HTMLElement>('[data-kind=section]')];
    expect(heads.map(node => [node.querySelector('.nbt-row-text')?.textContent, node.title])).toEqual([
      ['train.ipynb', '/home/me/deep/train.ipynb'],
      ['plot.ipynb', '/home/me/plot.ipynb']
    ]);
    panel.dispose();
  });
});
