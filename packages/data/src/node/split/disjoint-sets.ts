/** Sets of ids that can be joined; each is named by the first of its ids. */
export interface DisjointSets {
  /** The name of the set that an id is in. */
  nameOf: (id: string) => string;
  /** Joins the sets of two ids; unknown ids are ignored. */
  join: (a: string, b: string) => void;
}

/** Puts each id into a set of its own. Lookups shorten the paths that later ones follow. */
export function disjointSets(ids: Iterable<string>): DisjointSets {
  const parent = new Map<string, string>();
  for (const id of ids) parent.set(id, id);
  const nameOf = (id: string): string => {
    let root = id;
    while (parent.get(root)! !== root) root = parent.get(root)!;
    for (let at = id; at !== root;) {
      const next = parent.get(at)!;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  const join = (a: string, b: string): void => {
    if (!parent.has(a) || !parent.has(b)) return;
    const [low, high] = [nameOf(a), nameOf(b)].sort() as [string, string];
    parent.set(high, low);
  };
  return { nameOf, join };
}
