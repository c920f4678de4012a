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
   * For each `q`, the value with the rank `q * (count - 1)`, rounded down, among the sorted values.
   *
   * @param fractions each `q`, from 0 to 1
   */
  quantiles(fractions: readonly number[]): number[] {
    const bins = this.#ascending();
    return fractions.map((q) => {
      const rank = Math.floor(q * (this.#count - 1));
      let below = 0;
      for (const { value, count } of bins) {
        below += count;
        if (below > rank) return value;
      }
      return NaN;
    });
  }

  #ascending(): Bin[] {
    const negative = [...this.#negative].sort(([a], [b]) => b - a);
    const positive = [...this.#positive].sort(([a], [b]) => a - b);
    return [
      ...negative.map(([bin, count]) => ({ value: -middle(bin), count })),
      ...(this.#zeros > 0 ? [{ value: 0, count: this.#zeros }] : []),
      ...positive.map(([bin, count]) => ({ value: middle(bin), count })),
    ];
  }
}

interface Bin {
  value: number;
  count: number;
}

/** The value of a bin that is within {@link ACCURACY} of both its ends. */
function middle(bin: number): number {
  return (2 * GAMMA ** bin) / (GAMMA + 1);
}
