/** Tags of one run or of several, changed as a text. Each run keeps what nobody spoke of. */
import type { Client, RunName } from '../wire/client.js';
import type { RunDetail, RunRow } from '../wire/types.js';

/** What came to the tags and what went. */
export interface TagChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Tags that all of the runs have. */
export function commonTags(rows: readonly Pick<RunRow, 'tags'>[]): string[] {
  const [first, ...others] = rows;
  return (first?.tags ?? []).filter(tag => others.every(({ tags }) => tags.includes(tag)));
}

/** Reads tags that are separated by commas. */
export function parseTags(text: string): string[] {
  return [...new Set(text.split(',').map(tag => tag.trim()).filter(Boolean))];
}

/** What somebody changed who was shown one text and left another. */
export function tagChanges(shown: string, left: string): TagChanges {
  const [before, after] = [parseTags(shown), parseTags(left)];
  return {
    added: after.filter(tag => !before.includes(tag)),
    removed: before.filter(tag => !after.includes(tag))
  };
}

/**
 * Changes the tags of a run as they are on the server by now: another tab may have changed them
 * since the list was drawn. Gives null if there is nothing to change.
 */
export async function changeTags(
  client: Pick<Client, 'run' | 'edit'>,
  store: string,
  run: RunName,
  { added, removed }: TagChanges
): Promise<RunDetail | null> {
  const { tags } = await client.run(store, run);
  const kept = tags.filter(tag => !removed.includes(tag));
  const changed = [...kept, ...added.filter(tag => !kept.includes(tag))];
  const isSame = kept.length === tags.length && changed.length === kept.length;
  return isSame ? null : client.edit(store, run, { tags: changed });
}
