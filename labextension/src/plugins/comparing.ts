/** What a comparison asks of the server, and where its curves lead. */
import type { CompareOptions } from '../run/index.js';
import type { RunName } from '../wire/client.js';
import type { CodeLines } from '../wire/types.js';
import type { Server } from './server.js';

/**
 * The questions of a comparison, in which runs are named by their places.
 *
 * @param onCell Goes to the cell of an execution of one of the runs.
 */
export function comparing(
  { client }: Server,
  store: string,
  runs: readonly RunName[],
  onCell: (run: RunName, execution: string) => void
): Required<Pick<CompareOptions, 'comparison' | 'codeLines' | 'onCell'>> {
  return {
    comparison: () => client.compare(store, runs),
    codeLines: async (a, b, path): Promise<CodeLines> => {
      const [one, other] = [runs[a], runs[b]];
      return one === undefined || other === undefined
        ? { path, lines: [], is_cut: false }
        : client.codeLines(store, one, other, path);
    },
    onCell: (execution, at) => {
      const run = runs[at];
      if (run !== undefined) {
        onCell(run, execution);
      }
    }
  };
}
