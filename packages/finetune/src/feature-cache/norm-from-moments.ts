import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { LeafLayer } from '../model/model-layers.ts';

/** Configuration of a tfjs-layers batch normalisation over the last axis. */
interface NormConfig {
  axis: number;
  momentum: number;
  epsilon: number;
}

/** Whether a layer needs only the moments of its input: batch normalisation over the last axis. */
export function takesMoments({ layer, className, isNorm }: LeafLayer, rank: number): boolean {
  const { axis, momentum, epsilon } = layer.getConfig() as Partial<
    Record<keyof NormConfig, unknown>
  >;
  const overChannels = axis === -1 || axis === rank - 1;
  return (
    isNorm &&
    className === 'BatchNormalization' &&
    overChannels &&
    typeof momentum === 'number' &&
    typeof epsilon === 'number'
  );
}

/** Mean and variance over the positions of each example and channel: [b, ..., c] to [b, 2, c]. */
export function exampleMoments(maps: tf.Tensor): tf.Tensor3D {
  return tf.tidy(() => {
    const positions = maps.shape.map((_, axis) => axis).slice(1, -1);
    const { mean, variance } = tf.moments(maps, positions);
    return tf.stack([mean, variance], 1) as tf.Tensor3D;
  });
}

/**
 * Computes batch normalisation followed by the average over positions, from {@link exampleMoments}
 * alone. This is exact: both are linear in the maps once the batch's moments are known, and these
 * follow from the examples' moments (the variance by the law of total variance, because all
 * examples have equally many positions).
 *
 * In training it uses the batch's moments, with gradients for gamma and beta, and updates the
 * running statistics as Keras does; otherwise it uses the running statistics.
 *
 * @param moments [b, 2, c]
 * @returns [b, c]; the caller (or the enclosing tidy) disposes it
 */
export function averagedNormFromMoments(
  { layer }: LeafLayer,
  moments: tf.Tensor3D,
  training: boolean,
): tf.Tensor2D {
  const { momentum, epsilon } = layer.getConfig() as unknown as NormConfig;
  const movingMean = variable(layer, 'moving_mean')!;
  const movingVariance = variable(layer, 'moving_variance')!;
  const gamma = variable(layer, 'gamma');
  const beta = variable(layer, 'beta');
  return tf.tidy(() => {
    const [means, variances] = tf.unstack(moments, 1) as [tf.Tensor2D, tf.Tensor2D];
    let [mean, variance] = [movingMean.read(), movingVariance.read()];
    if (training) {
      mean = tf.mean(means, 0);
      variance = tf.mean(tf.add(variances, tf.squaredDifference(means, mean)), 0);
      for (const [moving, batch] of [
        [movingMean, mean],
        [movingVariance, variance],
      ] as const) {
        moving.write(tf.add(tf.mul(moving.read(), momentum), tf.mul(batch, 1 - momentum)));
      }
    }
    let result = tf.div(tf.sub(means, mean), tf.sqrt(tf.add(variance, epsilon)));
    if (gamma !== undefined) result = tf.mul(result, gamma.read());
    if (beta !== undefined) result = tf.add(result, beta.read());
    return result as tf.Tensor2D;
  });
}

function variable({ weights }: tfl.layers.Layer, name: string): tfl.LayerVariable | undefined {
  return weights.find(({ originalName }) => originalName.endsWith(`/${name}`));
}
