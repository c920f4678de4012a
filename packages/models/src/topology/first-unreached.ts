/**
 * Of things that each need others before them, the first (in the order given) that can never be had: one that needs something that is
 * not there, or that waits for it in turn.
 *
 * @param needs what each one needs, by name
 * @returns undefined when all can be had
 */
export function firstUnreached(needs: ReadonlyMap<string, readonly string[]>): string | undefined {
  const waitingFor = new Map<string, string[]>();
  const open = new Map<string, number>();
  const ready: string[] = [];
  for (const [name, needed] of needs) {
    open.set(name, needed.length);
    if (needed.length === 0) ready.push(name);
    for (const each of needed) waitingFor.set(each, [...(waitingFor.get(each) ?? []), name]);
  }
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    for (const next of waitingFor.get(name) ?? []) {
      const left = open.get(next)! - 1;
      open.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return [...open].find(([, left]) => left > 0)?.[0];
}
