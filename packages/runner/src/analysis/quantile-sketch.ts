/** Relative error of a quantile. */
const ACCURACY = 0.005;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/**
 * Counts numbers in bins whose width is proportional to their distance from 0, so that any number
 * of values takes little memory and every quantile has a relative error of at most 0.5 %. Zeros are
 * counted exactly.
 *
 * Source: C. Masson, J. E. Rim and H. K. Lee, "DDSketch" (VLDB 2019).
 */
export class QuantileSketch {
  readonly #positive = new Map<number, number>();
  readonly #negative = new Map<number, number>();
  #zeros = 0;
  #count = 0;

  /** Number of values so far. */
  get count(): number {
    return this.#count;
  }

  /** Number of values that are exactly 0. */
  get zeros(): number {
    return this.#zeros;
  }

  /** Adds a finite number. */
  add(value: number): void {
    this.#count += 1;
    if (value === 0) {
      this.#zeros += 1;
      return;
    }
    const bins = value > 0 ? this.#positive : this.#negative;
    const bin = Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }

  /**
   * The value with the rank `q * (count - 1)`, rounded down, among the sorted values.
   *
   * @param q from 0 to 1
   */
  quantile(q: number): number {
    const rank = Math.floor(q * (this.#count - 1));
    let below = 0;
    for (const { value, count } of this.#ascending()) {
      below += count;
      if (below > rank) return value;
    }
    return NaN;
  }

  *#ascending(): Generator<{ value: number; count: number }> {
    for (const [bin, count] of [...this.#negative].sort(([a], [b]) => b - a))
      yield { value: -middle(bin), count };
    if (this.#zeros > 0) yield { value: 0, count: this.#zeros };
    for (const [bin, count] of [...this.#positive].sort(([a], [b]) => a - b))
      yield { value: middle(bin), count };
  }
}

/** The value of a bin that is within {@link ACCURACY} of both its ends. */
function middle(bin: number): number {
  return (2 * GAMMA ** bin) / (GAMMA + 1);
}
