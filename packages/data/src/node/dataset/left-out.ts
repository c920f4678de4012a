/** Items of one kind that a reader found but did not use. */
export interface LeftOut {
  /** What they are, in the plural: `images without a label`. */
  what: string;
  count: number;
  /** Path or id of the first one. */
  first: string;
  /**
   * Whether they could have been images of the data set, so that the user should know. Licences and
   * captions do not matter.
   */
  matters: boolean;
}

/** Counts the items that a reader leaves out, by kind. */
export class LeftOutTally {
  readonly #kinds = new Map<string, LeftOut>();

  add(what: string, first: string, matters = true): void {
    const kind = this.#kinds.get(what);
    if (kind) kind.count += 1;
    else this.#kinds.set(what, { what, count: 1, first, matters });
  }

  has(what: string): boolean {
    return this.#kinds.has(what);
  }

  /** In the order in which the kinds were found. */
  get all(): LeftOut[] {
    return [...this.#kinds.values()];
  }

  /** The end of an error message: what was found but left out. Empty if nothing was. */
  toString(): string {
    const text = leftOutText(this.all);
    return text === undefined ? '' : ` Left out: ${text}.`;
  }
}

/** What was left out and matters, as text for the user; undefined if nothing. */
export function leftOutText(leftOut: readonly LeftOut[]): string | undefined {
  const kinds = leftOut
    .filter(({ matters }) => matters)
    .map(({ what, count, first }) => `${what} (${count}, the first ${first})`);
  return kinds.length === 0 ? undefined : kinds.join(', ');
}
