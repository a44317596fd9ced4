/** Names as people wrote them: in names of the journal, a dot that belongs to a key is escaped. */

/** Spells names with dots between their parts; what would look alike stays as it is. */
export function spelled(names: Iterable<string>): (name: string) => string {
  const dotted = new Map([...new Set(names)].map(name => [name, name.replace(/\\(.)/gs, '$1')]));
  const times = new Map<string, number>();
  dotted.forEach(said => times.set(said, (times.get(said) ?? 0) + 1));
  return name => {
    const said = dotted.get(name) ?? name;
    return times.get(said) === 1 ? said : name;
  };
}
