/** A selection with all runs shown, or without any of them where it has all. What is not shown stays as it is. */
export function selectShown(selected: ReadonlySet<string>, shown: readonly string[]): string[] {
  const all = new Set(shown);
  return shown.every((id) => selected.has(id))
    ? [...selected].filter((id) => !all.has(id))
    : [...new Set([...selected, ...shown])];
}
