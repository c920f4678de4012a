/**
 * The first item (in the given order) that can never be reached: it needs something that does not
 * exist, or it is part of a cycle or depends on one.
 *
 * @param needs the items that each one needs, by name
 * @returns undefined if all can be reached
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
