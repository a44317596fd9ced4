import { expect, it } from 'vitest';

import { cellMeant, findCell, hasChanged, type OpenCell, type OpenNotebook } from '../../src/plugins/cells.js';
import type { CellInfo } from '../../src/wire/types.js';
import { cellOf as anyCell } from '../runs.js';

const RUNS = '/home/me/digits/train.ipynb';

const cellOf = (changes: Partial<CellInfo> = {}): CellInfo =>
  anyCell({ execution: 's-2', count: 2, cell_id: 'two', source: 'run.log()', ...changes });

function notebook(path: string, cells: OpenCell[], isOwn = false): OpenNotebook {
  return { path, isOwn, cells };
}

const cell = (id: string, count: number | null = null, source = ''): OpenCell => ({ id, count, source });
const copied = [cell('one'), cell('two')];

it('is found in the notebook of the output first, then in that of the run', () => {
  const other = notebook('other.ipynb', copied);
  const runs = notebook('digits/train.ipynb', copied);
  const own = notebook('copy.ipynb', copied, true);
  expect(findCell([other, runs, own], cellOf(), RUNS)).toEqual({ notebook: own, index: 1 });
  expect(findCell([other, runs], cellOf(), RUNS)).toEqual({ notebook: runs, index: 1 });
  expect(findCell([other], cellOf(), RUNS)).toEqual({ notebook: other, index: 1 });
});

it('is found by its id wherever it stands now, before anything that looks like it', () => {
  const own = notebook('copy.ipynb', [cell('x', 2, 'run.log()')], true);
  const runs = notebook('train.ipynb', [cell('one'), cell('new'), cell('two', 9, 'changed')]);
  expect(findCell([own, runs], cellOf(), RUNS)).toEqual({ notebook: runs, index: 2 });
});

it('is found by prompt and source where ids were lost', () => {
  const runs = notebook('train.ipynb', [cell('a', 1, 'run.log()'), cell('b', 2, 'run.log()')]);
  expect(findCell([runs], cellOf(), RUNS)).toEqual({ notebook: runs, index: 1 });
  expect(findCell([runs], cellOf({ cell_id: null }), RUNS)).toEqual({ notebook: runs, index: 1 });
});

it.each([
  cellOf({ source: 'another' }),
  cellOf({ source: null }),
  cellOf({ count: null }),
  cellOf({ count: 7 })
])('is gone from its notebook if nothing there is like it', gone => {
  const runs = notebook('train.ipynb', [cell('b', 2, 'run.log()'), cell('c')]);
  expect(findCell([runs], gone, RUNS)).toEqual({ notebook: runs, index: null });
});

it('is not taken for a cell like it in any other notebook', () => {
  expect(findCell([notebook('other.ipynb', [cell('b', 2, 'run.log()')])], cellOf(), RUNS)).toBeNull();
  expect(findCell([notebook('train.ipynb', [])], cellOf(), '/work/pretrain.ipynb')).toBeNull();
  expect(findCell([notebook('', copied.slice(0, 1))], cellOf(), null)).toBeNull();
});

it('is that of the execution; without one, that of the first row', () => {
  const cells = [cellOf({ execution: 's-1' }), cellOf(), cellOf({ execution: 's-3', n_rows: 5 })];
  expect(cellMeant(cells, 's-2')).toBe(cells[1]);
  expect(cellMeant(cells, null)).toBe(cells[2]);
  expect(cellMeant(cells.slice(0, 2), null)).toBe(cells[0]);
  expect(cellMeant(cells, 'forgotten')).toBeUndefined();
});

it.each([
  ['run.log(2)', {}, true],
  ['run.log()', {}, false],
  ['run.log()\r\n', {}, false],
  ['run.log(2)', { source: null }, false],
  ['run.log(2)', { left_out: true }, false],
  ['login("secret")', { source: 'login("[redacted]")' }, false]
] as const)('has changed if it is %j now (%j): %j', (now, recorded, is) => {
  const found = { notebook: notebook('train.ipynb', [cell('two', 9, now)]), index: 0 };
  expect(hasChanged(found, cellOf(recorded))).toBe(is);
  expect(hasChanged({ ...found, index: null }, cellOf(recorded))).toBe(false);
});
