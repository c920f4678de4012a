import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { recalibrationFailed } from '../errors.ts';
import type { CallOverride } from '../freezing/layer-switch.ts';
import type { LeafLayer } from '../model/model-layers.ts';

/** A batch normalisation with everything needed to measure and set its running statistics. */
export interface Norm {
  readonly leaf: LeafLayer;
  readonly momentum: number;
  readonly movingMean: tfl.LayerVariable;
  readonly movingVariance: tfl.LayerVariable;
  readonly channels: number;
}

/** @throws FixresFinetuneError `recalibration-failed` for a norm whose batches cannot be measured */
export function normOf(leaf: LeafLayer): Norm {
  const { momentum } = leaf.layer.getConfig();
  const movingMean = leaf.statistics.find(({ originalName }) =>
    originalName.endsWith('moving_mean'),
  );
  const movingVariance = leaf.statistics.find(({ originalName }) =>
    originalName.endsWith('moving_variance'),
  );
  if (movingMean === undefined || movingVariance === undefined)
    throw recalibrationFailed('it keeps no moving mean and variance', [leaf.path]);
  if (typeof momentum !== 'number' || !(momentum < 1)) {
    throw recalibrationFailed(
      `its momentum is ${JSON.stringify(momentum)}; measuring a batch requires a momentum ` +
        'below 1',
      [leaf.path],
    );
  }
  return { leaf, momentum, movingMean, movingVariance, channels: movingMean.read().size };
}

/**
 * Whether training does not change a norm's running statistics: with a momentum of 1, batches have
 * no effect on them.
 */
export function keepsStatistics({ layer }: LeafLayer): boolean {
  return layer.getConfig().momentum === 1;
}

/** The moments of one call of a norm: over `count` values per channel. */
interface CallMoments {
  readonly count: number;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/**
 * Measures the moments of the norms' inputs in a forward pass. There is one per applied policy; it
 * sits between the norms and their callers.
 */
export class StatisticsMeter {
  #calls: Map<LeafLayer, { norm: Norm; calls: CallMoments[] }> | null = null;

  /**
   * The `call` of a norm. It measures inside {@link measure}; otherwise it runs as requested, or in
   * inference mode.
   *
   * @param isStill whether the norm is always in inference mode
   */
  override(leaf: LeafLayer, isStill: boolean): CallOverride {
    return (run, inputs, training) => {
      const size = (Array.isArray(inputs) ? inputs : [inputs]).reduce(
        (sum, input) => sum + input.size,
        0,
      );
      return (
        this.measuredCall(leaf, (channels) => size / channels, run) ??
        run(isStill ? false : training)
      );
    };
  }

  /**
   * Runs a norm in training mode and records the moments of its input, if the norm is being
   * measured. Otherwise does nothing.
   *
   * With running statistics of zero, one step in training mode leaves the batch's moments times (1
   * - momentum), for any momentum. This relies only on the public definition of the layer, so it
   * also works for fused kernels.
   *
   * @param countOf number of values per channel in the call, for that many channels, or a number
   * proportional to it
   */
  measuredCall<T extends tf.Tensor | tf.Tensor[]>(
    leaf: LeafLayer,
    countOf: (channels: number) => number,
    run: (training: true) => T,
  ): T | undefined {
    const measured = this.#calls?.get(leaf);
    if (measured === undefined) return undefined;
    const { movingMean, movingVariance, momentum, channels } = measured.norm;
    return tf.tidy(() => {
      // Clones share the values, so restoring them leaves no trace, not even in a recorded graph.
      const before = [movingMean, movingVariance].map(
        (variable) => [variable, variable.read().clone()] as const,
      );
      for (const [variable, value] of before) variable.write(tf.zerosLike(value));
      try {
        const output = run(true);
        // Layers run in their own scopes, which end before these tensors are used.
        const [mean, variance] = [movingMean, movingVariance].map((variable) =>
          tf.keep(tf.div(variable.read(), 1 - momentum)),
        );
        measured.calls.push({ count: countOf(channels), mean: mean!, variance: variance! });
        return output;
      } finally {
        for (const [variable, value] of before) variable.write(value);
      }
    });
  }

  /**
   * Runs a forward pass with these norms in training mode, without changing anything. It can be
   * recorded as a graph.
   *
   * @param forward calls the model, or the part of it that has the norms, in inference mode
   * @returns one vector with, for each norm in turn: the number of values per channel (0 if the
   * norm was not reached), their means and their biased variances by channel. The caller (or the
   * enclosing tidy) disposes it.
   * @throws FixresFinetuneError `recalibration-failed` inside another measurement
   */
  measure(norms: readonly Norm[], forward: () => unknown): tf.Tensor1D {
    if (this.#calls !== null)
      throw recalibrationFailed('a forward pass of this model is already being measured');
    const measured = norms.map((norm) => ({ norm, calls: [] as CallMoments[] }));
    this.#calls = new Map(measured.map((each) => [each.norm.leaf, each]));
    try {
      return tf.tidy(() => {
        forward();
        return tf.concat1d(measured.flatMap(({ norm, calls }) => overCalls(calls, norm.channels)));
      });
    } finally {
      this.#calls = null;
      tf.dispose(
        measured.flatMap(({ calls }) => calls.flatMap(({ mean, variance }) => [mean, variance])),
      );
    }
  }
}

/**
 * The moments over all calls of a shared norm: the variance is the mean of the calls' variances
 * plus the variance of their means.
 */
function overCalls(calls: readonly CallMoments[], channels: number): tf.Tensor1D[] {
  const [only, ...others] = calls;
  if (only === undefined) return [tf.zeros([1 + 2 * channels])];
  const vectors = (count: number, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor1D[] => [
    tf.tensor1d([count]),
    tf.reshape(mean, [channels]),
    tf.reshape(variance, [channels]),
  ];
  if (others.length === 0) return vectors(only.count, only.mean, only.variance);
  const count = calls.reduce((sum, call) => sum + call.count, 0);
  const average = (valueOf: (call: CallMoments) => tf.Tensor): tf.Tensor =>
    tf.addN(calls.map((call) => tf.mul(valueOf(call), call.count / count)));
  const mean = average((call) => call.mean);
  return vectors(
    count,
    mean,
    average((call) => tf.add(call.variance, tf.squaredDifference(call.mean, mean))),
  );
}
