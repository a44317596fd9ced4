import { expect, it } from 'vitest';

import { changeTags, commonTags, tagChanges } from '../../src/plugins/tags.js';
import type { Client } from '../../src/wire/client.js';
import type { Edit } from '../../src/wire/types.js';
import { runOf } from '../runs.js';

const ROWS = [runOf({ id: 'a', tags: ['good', 'only a'] }), runOf({ id: 'b', tags: ['only b', 'good'] })];

/** A server on which another tab gave each run a tag since the list was drawn. */
function serverOf(): { client: Pick<Client, 'run' | 'edit'>; edits: [string, Edit][] } {
  const edits: [string, Edit][] = [];
  const client: Pick<Client, 'run' | 'edit'> = {
    run: (_, { id }) => Promise.resolve(runOf({ id, tags: [...(ROWS.find(row => row.id === id)?.tags ?? []), 'late'] })),
    edit: (_, { id }, edit) => {
      edits.push([id, edit]);
      return Promise.resolve(runOf({ id }));
    }
  };
  return { client, edits };
}

it('begin with those that all of the runs have', () => {
  expect(commonTags(ROWS)).toEqual(['good']);
  expect(commonTags(ROWS.slice(0, 1))).toEqual(['good', 'only a']);
  expect(commonTags([])).toEqual([]);
});

it('are told apart from what was shown', () => {
  expect(tagChanges('good, old', ' new,good,, new ')).toEqual({ added: ['new'], removed: ['old'] });
  expect(tagChanges('good', 'good')).toEqual({ added: [], removed: [] });
});

it('of several runs stay, but for those that somebody changed', async () => {
  const { client, edits } = serverOf();
  for (const row of ROWS) {
    await changeTags(client, 'default', row, tagChanges('good', 'best'));
  }
  expect(edits).toEqual([
    ['a', { tags: ['only a', 'late', 'best'] }],
    ['b', { tags: ['only b', 'late', 'best'] }]
  ]);
});

it('are not written again where they are as wished already', async () => {
  const { client, edits } = serverOf();
  expect(await changeTags(client, 'default', { project: 'p', id: 'a' }, tagChanges('', 'late'))).toBeNull();
  expect(edits).toEqual([]);
});
