import { activationQuantiles, type ValueSpread } from '@fixres/runs';
import { QuantileSketch } from './quantile-sketch.ts';

/**
 * Mean, deviation, zeros and quantiles of any number of values, in little memory. A quantile has a
 * relative error of at most 0.5 %.
 */
export class SpreadMeter {
  readonly #sketch = new QuantileSketch();
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(values: Float32Array | readonly number[]): void {
    for (const value of values) {
      this.#sum += value;
      this.#squares += value * value;
      if (Number.isFinite(value)) this.#sketch.add(value);
    }
    this.#count += values.length;
  }

  /** Quantiles are NaN if a value was not finite, as the deviation is. */
  spread(): ValueSpread {
    const mean = this.#sum / this.#count;
    const variance = Math.max(this.#squares / this.#count - mean * mean, 0);
    const allFinite = this.#sketch.count === this.#count;
    return {
      mean,
      sd: Math.sqrt(variance),
      zeros: this.#sketch.zeros / this.#count,
      quantiles: allFinite
        ? this.#sketch.quantiles(activationQuantiles)
        : activationQuantiles.map(() => NaN),
    };
  }
}
