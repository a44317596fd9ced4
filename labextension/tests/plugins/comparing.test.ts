import { expect, it, vi } from 'vitest';

import { comparing } from '../../src/plugins/comparing.js';
import { isCut } from '../../src/plugins/cutTexts.js';
import type { Server } from '../../src/plugins/server.js';

const RUNS = ['a', 'b', 'c'].map(id => ({ project: 'p', id }));

it('asks for the lines of the runs that stand at these places', async () => {
  const client = { codeLines: vi.fn(() => Promise.resolve('lines')), compare: vi.fn() };
  const { codeLines, comparison } = comparing({ client } as unknown as Server, 's', RUNS, () => undefined);
  expect(await codeLines(2, 0, 'cells.py')).toBe('lines');
  expect(client.codeLines.mock.calls).toEqual([['s', RUNS[2], RUNS[0], 'cells.py']]);
  void comparison();
  expect(client.compare.mock.calls).toEqual([['s', RUNS]]);
});

it('leads to a cell of the run that a curve is of', () => {
  const onCell = vi.fn();
  const options = comparing({ client: {} } as unknown as Server, 's', RUNS, onCell);
  options.onCell('s-7', 1);
  options.onCell('s-7', 9);
  expect(onCell.mock.calls).toEqual([[RUNS[1], 's-7']]);
});

it.each([
  ['name', `${'x'.repeat(999)}…`, true],
  ['name', `${'🦊'.repeat(999)}…`, true],
  ['name', `${'🦊'.repeat(600)}…`, false],
  ['name', 'x'.repeat(1000), false],
  ['name', 'and so on …', false],
  ['notes', `${'x'.repeat(999)}…`, false],
  ['notes', `${'x'.repeat(99_999)}…`, true],
  ['notes', null, false]
] as const)('knows whether a %s was cut by the server (%#)', (what, text, is) => {
  expect(isCut(what, text)).toBe(is);
});
