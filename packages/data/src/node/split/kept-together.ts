import { inHashOrder } from '../dataset/dataset-subset.ts';
import type { Example } from '../dataset/dataset.ts';
import { disjointSets } from './disjoint-sets.ts';

/**
 * Images that no split divides: those of one `group`, and those with the same pixels; any other image is
 * alone. In the order of the hashes of the groups' names, or of the id of an image without a group.
 *
 * @param sorted in hash order
 * @param duplicates images with the same pixels, from `duplicateGroups`; other images in it are ignored
 */
export function keptTogether(
  sorted: readonly Example[],
  duplicates: readonly (readonly Example[])[] = [],
): Example[][] {
  const { nameOf, join } = disjointSets(sorted.map(({ id }) => id));
  const known = new Set(sorted.map(({ id }) => id));
  const firstOf = new Map<string, string>();
  for (const { id, group } of sorted) {
    if (group === undefined) continue;
    const first = firstOf.get(group);
    if (first === undefined) firstOf.set(group, id);
    else join(first, id);
  }
  for (const equal of duplicates) {
    // Some of them may be in another part.
    const [first, ...others] = equal.filter(({ id }) => known.has(id));
    for (const { id } of others) join(first!.id, id);
  }
  const sets = new Map<string, Example[]>();
  for (const example of sorted) {
    const name = nameOf(example.id);
    const members = sets.get(name);
    if (members) members.push(example);
    else sets.set(name, [example]);
  }
  return inHashOrder(
    Array.from(sets.values(), (members) => ({
      members,
      id: members[0]!.group ?? members[0]!.id,
    })),
  ).map(({ members }) => members);
}

/**
 * Of groups in order, each that fits into the room which those before it leave; the smallest, if none
 * fits, and of equally small ones the last.
 *
 * @param room number of images
 */
export function fittingGroups(groups: readonly Example[][], room: number): Set<Example[]> {
  const fitting = new Set<Example[]>();
  let left = room;
  for (const members of groups) {
    if (members.length > left) continue;
    fitting.add(members);
    left -= members.length;
  }
  if (fitting.size === 0 && groups.length > 0)
    fitting.add(groups.reduce((a, b) => (b.length <= a.length ? b : a)));
  return fitting;
}
