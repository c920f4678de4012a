import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from './errors.ts';
import type { CallOverride } from './layer-switch.ts';
import type { LeafLayer } from './model-layers.ts';

/** One batch of model inputs, as `model.apply` takes it: `[batch, ...]`, or one tensor for each input. */
export type ModelBatch = tf.Tensor | tf.Tensor[];

export interface RecalibrateOptions {
  /** Stops between two batches; the statistics are then as they were before. */
  signal?: AbortSignal;
}

/** What a recalibration saw. */
export interface Recalibration {
  readonly batches: number;
  readonly examples: number;
  /** Paths of the norms whose statistics were re-estimated. */
  readonly norms: readonly string[];
}

/** Tensors of one call of one norm: what it measured, over `count` numbers for each channel. */
interface Measurement {
  readonly norm: Norm;
  readonly count: number;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** A norm and its moments so far, in double precision. */
interface Norm {
  readonly leaf: LeafLayer;
  readonly momentum: number;
  readonly movingMean: tfl.LayerVariable;
  readonly movingVariance: tfl.LayerVariable;
  count: number;
  readonly sum: Float64Array;
  readonly sumOfSquares: Float64Array;
}

/**
 * Re-estimates running statistics without a gradient. Each batch runs with the chosen norms in training mode and everything
 * else in inference mode. Mean and variance are those of all the values each norm saw, not a moving average: the variance is
 * the mean of the batches' variances plus the variance of their means, so batch sizes may differ.
 */
export class StatisticsEstimator {
  private norms: Map<LeafLayer, Norm> | null = null;
  private measured: Measurement[] = [];

  /** The `call` of a norm: inference mode outside of a recalibration, a measurement inside. */
  override(leaf: LeafLayer): CallOverride {
    return (run, inputs) => {
      const norm = this.norms?.get(leaf);
      return norm === undefined ? run(false) : this.measure(norm, run, inputs);
    };
  }

  /** See `FreezeHandle.recalibrate`. */
  async run(
    model: tfl.LayersModel,
    leaves: readonly LeafLayer[],
    batches: Iterable<ModelBatch> | AsyncIterable<ModelBatch>,
    { signal }: RecalibrateOptions,
  ): Promise<Recalibration> {
    if (leaves.length === 0) fail('the policy puts no batch normalisation into recalibrate mode');
    if (this.norms !== null) fail('a recalibration of this model is already running');
    const norms = new Map(leaves.map((leaf) => [leaf, newNorm(leaf)]));
    const saved = leaves.flatMap(({ statistics }) => statistics.map((variable) => [variable, variable.read().clone()] as const));
    this.norms = norms;
    let done = false;
    try {
      const seen = { batches: 0, examples: 0 };
      for await (const batch of batches) {
        signal?.throwIfAborted();
        tf.tidy(() => void model.apply(batch, { training: false }));
        await this.accumulate();
        seen.batches++;
        seen.examples += (Array.isArray(batch) ? batch[0] : batch)?.shape[0] ?? 0;
      }
      signal?.throwIfAborted();
      if (seen.batches === 0) fail('no batch was given');
      writeStatistics([...norms.values()]);
      done = true;
      return { ...seen, norms: leaves.map(({ path }) => path) };
    } finally {
      this.norms = null;
      tf.dispose(this.measured.splice(0).map(({ mean, variance }) => [mean, variance]));
      for (const [variable, value] of saved) {
        if (!done) variable.write(value);
        value.dispose();
      }
    }
  }

  /**
   * Starting from zero, one step in training mode leaves the batch's moments times (1 - momentum), whatever the momentum is.
   * That needs nothing but the public definition of the layer, so it holds for fused kernels as well.
   */
  private measure(norm: Norm, run: (training: boolean) => tf.Tensor | tf.Tensor[], inputs: tf.Tensor | tf.Tensor[]) {
    return tf.tidy(() => {
      const { movingMean, movingVariance } = norm;
      movingMean.write(tf.zerosLike(movingMean.read()));
      movingVariance.write(tf.zerosLike(movingVariance.read()));
      const output = run(true);
      const size = (Array.isArray(inputs) ? inputs : [inputs]).reduce((sum, input) => sum + input.size, 0);
      this.measured.push({
        norm,
        count: size / movingMean.read().size,
        mean: tf.keep(movingMean.read().clone()),
        variance: tf.keep(movingVariance.read().clone()),
      });
      return output;
    });
  }

  private async accumulate(): Promise<void> {
    for (const { norm, count, mean, variance } of this.measured.splice(0)) {
      try {
        const [means, variances] = await Promise.all([mean.data(), variance.data()]);
        const scale = 1 - norm.momentum;
        norm.count += count;
        for (let channel = 0; channel < norm.sum.length; channel++) {
          const m = (means[channel] ?? NaN) / scale;
          const v = (variances[channel] ?? NaN) / scale;
          norm.sum[channel] = (norm.sum[channel] ?? 0) + count * m;
          norm.sumOfSquares[channel] = (norm.sumOfSquares[channel] ?? 0) + count * (v + m * m);
        }
      } finally {
        tf.dispose([mean, variance]);
      }
    }
  }
}

function newNorm(leaf: LeafLayer): Norm {
  const momentum = leaf.layer.getConfig().momentum;
  const movingMean = leaf.statistics.find(({ originalName }) => originalName.endsWith('moving_mean'));
  const movingVariance = leaf.statistics.find(({ originalName }) => originalName.endsWith('moving_variance'));
  if (movingMean === undefined || movingVariance === undefined) return fail('it keeps no moving mean and variance', [leaf.path]);
  if (typeof momentum !== 'number' || !(momentum < 1)) {
    return fail(`its momentum is ${JSON.stringify(momentum)}; a momentum below 1 is needed to measure a batch`, [leaf.path]);
  }
  const channels = movingMean.read().size;
  return {
    leaf,
    momentum,
    movingMean,
    movingVariance,
    count: 0,
    sum: new Float64Array(channels),
    sumOfSquares: new Float64Array(channels),
  };
}

function writeStatistics(norms: readonly Norm[]): void {
  const unseen = norms.filter(({ count }) => count === 0).map(({ leaf }) => leaf.path);
  if (unseen.length > 0) fail('no batch reached them', unseen);
  const moments = norms.map((norm) => {
    const mean = norm.sum.map((sum) => sum / norm.count);
    // The difference of two positive numbers: rounding may leave it a little below zero.
    const variance = norm.sumOfSquares.map((sum, channel) => Math.max(0, sum / norm.count - (mean[channel] ?? 0) ** 2));
    return { norm, mean, variance };
  });
  const broken = moments.filter(({ mean, variance }) => ![...mean, ...variance].every(Number.isFinite));
  if (broken.length > 0)
    fail(
      'the batches gave values that are not finite',
      broken.map(({ norm }) => norm.leaf.path),
    );
  tf.tidy(() => {
    for (const { norm, mean, variance } of moments) {
      norm.movingMean.write(tf.tensor(Float32Array.from(mean), norm.movingMean.read().shape));
      norm.movingVariance.write(tf.tensor(Float32Array.from(variance), norm.movingVariance.read().shape));
    }
  });
}

function fail(reason: string, norms: readonly string[] = []): never {
  const where = norms.length > 0 ? ` (${norms.join(', ')})` : '';
  throw new FixresFinetuneError('recalibration-failed', `recalibrate: ${reason}${where}; the statistics are unchanged`, {
    names: norms,
  });
}
