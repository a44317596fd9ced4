/** The names of runs that stand beside each other. */

/** The name of a run; with its id where two have the same. */
export function nameOf(run: { name: string; id: string }, among: readonly { name: string }[]): string {
  const isAlone = among.filter(other => other.name === run.name).length < 2;
  return isAlone ? run.name : `${run.name} (${run.id})`;
}

/** Which run it is: `project/id`. */
export function keyOf({ project, id }: { project: string; id: string }): string {
  return `${project}/${id}`;
}
