/** A cache of recently used values by name, limited by weight; the last one used always stays. */
export class Recent<T> {
  /** The most recently used is the last. */
  readonly #kept = new Map<string, T>();
  readonly #maxWeight: number;
  readonly #weightOf: (value: T) => number;

  /** @param weightOf of the current value; it can grow */
  constructor(maxWeight: number, weightOf: (value: T) => number) {
    this.#maxWeight = maxWeight;
    this.#weightOf = weightOf;
  }

  get(name: string): T | undefined {
    const value = this.#kept.get(name);
    if (value !== undefined) this.set(name, value);
    return value;
  }

  set(name: string, value: T): void {
    this.#kept.delete(name);
    this.#kept.set(name, value);
  }

  delete(name: string): void {
    this.#kept.delete(name);
  }

  /** Removes the least recently used values if the total weight is too high. */
  trim(): void {
    let weight = 0;
    for (const [i, [name, value]] of [...this.#kept].reverse().entries()) {
      weight += this.#weightOf(value);
      if (i > 0 && weight > this.#maxWeight) this.#kept.delete(name);
    }
  }
}
