/** What was used lately, by name, as much of it as its weight allows; the last one used always stays. */
export class Recent<T> {
  /** The one used last is the last. */
  readonly #kept = new Map<string, T>();
  readonly #maxWeight: number;
  readonly #weightOf: (value: T) => number;

  /** @param weightOf of a value as it is now; it may grow */
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

  /** Forgets what was not used for longest where all weigh too much. */
  trim(): void {
    let weight = 0;
    for (const [i, [name, value]] of [...this.#kept].reverse().entries()) {
      weight += this.#weightOf(value);
      if (i > 0 && weight > this.#maxWeight) this.#kept.delete(name);
    }
  }
}
