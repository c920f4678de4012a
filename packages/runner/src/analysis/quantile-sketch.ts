/** Relative error of a quantile. */
const ACCURACY = 0.005;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/** Bins of the smallest and the largest finite float32. Others are possible, and take more memory. */
const [LOWEST, HIGHEST] = [2 ** -149, 2 ** 128].map((value) =>
  Math.ceil(Math.log(value) / LOG_GAMMA),
) as [number, number];

/**
 * Counts numbers in bins whose width is proportional to their distance from 0, so that any number
 * of values takes little memory and every quantile has a relative error of at most 0.5 %. Zeros are
 * counted exactly.
 *
 * Source: C. Masson, J. E. Rim and H. K. Lee, "DDSketch" (VLDB 2019).
 */
export class QuantileSketch {
  readonly #positive = new Bins();
  readonly #negative = new Bins();
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
    bins.add(Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA));
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
    const negative = this.#negative.entries().sort(([a], [b]) => b - a);
    const positive = this.#positive.entries().sort(([a], [b]) => a - b);
    return [
      ...negative.map(([bin, count]) => ({ value: -middle(bin), count })),
      ...(this.#zeros > 0 ? [{ value: 0, count: this.#zeros }] : []),
      ...positive.map(([bin, count]) => ({ value: middle(bin), count })),
    ];
  }
}

/** Counts of bins. An array is faster than a map, and float32 has few bins. */
class Bins {
  readonly #counts = new Float64Array(HIGHEST - LOWEST + 1);
  readonly #others = new Map<number, number>();

  add(bin: number): void {
    if (bin >= LOWEST && bin <= HIGHEST) this.#counts[bin - LOWEST]! += 1;
    else this.#others.set(bin, (this.#others.get(bin) ?? 0) + 1);
  }

  /** The bins that are not empty, with their counts. */
  entries(): [number, number][] {
    const bins: [number, number][] = [...this.#others];
    this.#counts.forEach((count, i) => {
      if (count > 0) bins.push([i + LOWEST, count]);
    });
    return bins;
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
