/**
 * A selection with all shown runs, or without them if all were selected. Hidden runs stay as they
 * are.
 */
export function selectShown(selected: ReadonlySet<string>, shown: readonly string[]): string[] {
  const all = new Set(shown);
  return shown.every((id) => selected.has(id))
    ? [...selected].filter((id) => !all.has(id))
    : [...new Set([...selected, ...shown])];
}
