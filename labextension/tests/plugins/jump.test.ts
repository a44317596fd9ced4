import { expect, it, vi } from 'vitest';

import { type Ground, jumpToCell } from '../../src/plugins/jump.js';
import { english } from '../../src/run/words.js';
import { cellOf, runOf } from '../runs.js';

const { emit } = vi.hoisted(() => ({ emit: vi.fn() }));
// The real one draws on a screen.
vi.mock('@jupyterlab/apputils', () => ({ Dialog: {}, Notification: { emit }, showDialog: vi.fn() }));

const RUN = { project: 'p', id: 'a' };
const CHANGED = 'This cell has changed since; what it was is on the page Cells of its run.';

/** A notebook that is open, with one cell. */
function groundOf(source: string): Ground {
  const model = { id: 'one', type: 'code', sharedModel: { getSource: () => source } };
  const content = { widgets: [{ model }], deselectAll: vi.fn(), scrollToItem: vi.fn(), activeCellIndex: -1 };
  const panel = { id: 'panel', node: document.body, context: { localPath: 'train.ipynb' }, content };
  const client = {
    run: () => Promise.resolve(runOf({ notebook: '/home/me/train.ipynb' })),
    cells: () => Promise.resolve([cellOf({ execution: 's-1', cell_id: 'one', source: 'run.log(1)' })])
  };
  const ground = {
    app: { shell: { activateById: vi.fn() } },
    notebooks: { forEach: (visit: (one: unknown) => void) => visit(panel) },
    server: { client },
    words: english
  };
  return ground as unknown as Ground;
}

it.each([['run.log(1)', []], ['run.log(2)', [CHANGED]]])('says so if the cell is another one by now: %s', async (source, said) => {
  emit.mockClear();
  await jumpToCell(groundOf(source), { store: 's', run: RUN, execution: 's-1' });
  expect(emit.mock.calls.map(([text]: unknown[]) => text)).toEqual(said);
});
