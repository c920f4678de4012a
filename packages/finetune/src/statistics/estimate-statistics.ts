import * as tf from '@tensorflow/tfjs-core';
import { recalibrationFailed } from '../errors.ts';
import type { LeafLayer } from '../model/model-layers.ts';
import { type Norm, normOf, type StatisticsMeter } from './measure-statistics.ts';

/** A batch normalisation whose statistics are re-estimated. */
export interface EstimatedNorm {
  /** Path of the layer. */
  readonly path: string;
  /** Fraction of its running statistics that a training step keeps. */
  readonly momentum: number;
}

/**
 * Running statistics that are being re-estimated, batch by batch. Owns no tensor, so there is
 * nothing to dispose.
 */
export interface StatisticsEstimate {
  /** The norms that are re-estimated. */
  readonly norms: readonly EstimatedNorm[];
  /**
   * Runs a forward pass and measures the inputs of the norms. These run in training mode, each with
   * the statistics of the batch; nothing else changes. This can be recorded as a graph.
   *
   * @param forward calls the model in inference mode (dropout passes everything on), or the head of
   * a {@link FeatureSplit}
   * @returns numbers for {@link add}, [n]; the caller (or the enclosing tidy) disposes them
   * @throws FixresFinetuneError `policy-not-active`; `recalibration-failed` inside another
   * measurement
   */
  measure(forward: () => unknown): tf.Tensor1D;
  /**
   * Adds the measurements of a batch.
   *
   * @throws FixresFinetuneError `recalibration-failed` for values that are not finite
   */
  add(measured: ArrayLike<number>): void;
  /**
   * Sets the running statistics to the mean and variance of everything measured so far.
   *
   * @throws FixresFinetuneError `recalibration-failed` if a norm was never measured; nothing is
   * changed then
   */
  write(): void;
}

/**
 * A re-estimation of these norms' statistics, see `FreezeHandle.estimateStatistics`.
 *
 * The variance is the mean of the batches' variances plus the variance of their means (the law of
 * total variance), each batch weighted by its number of values. It is exactly the variance of all
 * values; the mean of the variances alone would be too small by the spread of the means. Sums are
 * in double precision.
 *
 * @param assertActive throws if the policy is no longer active
 */
export function estimateStatistics(
  meter: StatisticsMeter,
  leaves: readonly LeafLayer[],
  assertActive: () => void,
): StatisticsEstimate {
  const sums = leaves.map((leaf) => new MomentSums(normOf(leaf)));
  const norms = sums.map(({ norm }) => norm);
  return {
    norms: norms.map(({ leaf: { path }, momentum }) => ({ path, momentum })),
    measure: (forward) => {
      assertActive();
      return meter.measure(norms, forward);
    },
    add: (measured) => {
      let length = 0;
      const parts = sums.map((each) => ({ each, start: (length += each.size) - each.size }));
      if (measured.length !== length)
        throw new RangeError(`add: received ${measured.length} numbers; measure gives ${length}`);
      const isBroken = (start: number, size: number): boolean =>
        Array.from({ length: size }, (_, i) => measured[start + i]!).some(
          (value) => !Number.isFinite(value),
        );
      const broken = parts
        .filter(({ each, start }) => isBroken(start, each.size))
        .map(({ each }) => each.norm.leaf.path);
      if (broken.length > 0)
        throw recalibrationFailed('the batches gave values that are not finite', broken);
      for (const { each, start } of parts) each.add(measured, start);
    },
    write: () => {
      const unseen = sums.filter(({ count }) => count === 0).map(({ norm }) => norm.leaf.path);
      if (unseen.length > 0) throw recalibrationFailed('they saw no batch', unseen);
      tf.tidy(() => {
        for (const each of sums) each.write();
      });
    },
  };
}

/** The moments of a norm's inputs so far, in double precision. */
class MomentSums {
  readonly norm: Norm;
  /** Number of values per channel. */
  count = 0;
  readonly #sum: Float64Array;
  readonly #sumOfSquares: Float64Array;

  constructor(norm: Norm) {
    this.norm = norm;
    this.#sum = new Float64Array(norm.channels);
    this.#sumOfSquares = new Float64Array(norm.channels);
  }

  /** How many numbers of a measurement belong to this norm. */
  get size(): number {
    return 1 + 2 * this.norm.channels;
  }

  add(measured: ArrayLike<number>, start: number): void {
    const { channels } = this.norm;
    const count = measured[start]!;
    this.count += count;
    for (let channel = 0; channel < channels; channel++) {
      const mean = measured[start + 1 + channel]!;
      const variance = measured[start + 1 + channels + channel]!;
      this.#sum[channel]! += count * mean;
      this.#sumOfSquares[channel]! += count * (variance + mean * mean);
    }
  }

  write(): void {
    const { movingMean, movingVariance } = this.norm;
    const mean = this.#sum.map((sum) => sum / this.count);
    // The difference of two positive numbers; rounding may make it slightly negative.
    const variance = this.#sumOfSquares.map((sum, channel) =>
      Math.max(0, sum / this.count - mean[channel]! ** 2),
    );
    movingMean.write(tf.tensor(Float32Array.from(mean), movingMean.read().shape));
    movingVariance.write(tf.tensor(Float32Array.from(variance), movingVariance.read().shape));
  }
}
