import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from './only-tensor.ts';

type LayerNormalizationArgs = NonNullable<Parameters<typeof layers.layerNormalization>[0]>;

/** tfjs's layer as it is at run time. tfjs does not export the class itself. */
interface StockLayerNormalization extends layers.Layer {
  /** From the front, once it is built. */
  readonly axis: number[];
  readonly epsilon: number;
  readonly gamma: LayerVariable | null;
  readonly beta: LayerVariable | null;
}

const StockLayerNormalization: {
  new (args?: LayerNormalizationArgs): StockLayerNormalization;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // An explicit name does not increase the counter of automatic layer names.
  layers.layerNormalization({ name: 'fixres_stock_layer_normalization' }).constructor as never;

/**
 * Layer normalisation that broadcasts. That of tfjs 4.22 copies mean, variance, scale and offset to
 * the size of the input, so its graph depends on the number of images, and its gradient keeps all
 * copies. Registered under the same class name, so every layers model loaded after importing this
 * module uses it.
 */
class LayerNormalization extends StockLayerNormalization {
  static className = 'LayerNormalization';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      const shape = x.shape.map((side, i) => (this.axis.includes(i) ? side : 1));
      let y = standardised(x, this.axis, this.epsilon);
      if (this.gamma !== null) y = tf.mul(y, tf.reshape(this.gamma.read(), shape));
      return this.beta === null ? y : tf.add(y, tf.reshape(this.beta.read(), shape));
    });
  }
}

tf.serialization.registerClass(LayerNormalization);

/** Creates a {@link LayerNormalization} layer, for models built in code. */
export function layerNormalization(args: LayerNormalizationArgs): layers.Layer {
  return new LayerNormalization(args);
}

/** Mean 0 and variance 1 along axes; the gradient keeps the result and one factor per mean. */
function standardised(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const compute = tf.customGrad((input, save) => {
    const centred = tf.sub(input as tf.Tensor, tf.mean(input as tf.Tensor, axes, true));
    const variance = tf.mean(tf.square(centred), axes, true);
    const factor = tf.rsqrt(tf.add(variance, epsilon));
    const value = tf.mul(centred, factor);
    (save as tf.GradSaveFunc)([value, factor]);
    return {
      value,
      gradFunc: (dy, saved) => {
        const [y, scale] = saved as [tf.Tensor, tf.Tensor];
        const along = tf.mul(y, tf.mean(tf.mul(dy, y), axes, true));
        return tf.mul(scale, tf.sub(tf.sub(dy, tf.mean(dy, axes, true)), along));
      },
    };
  });
  return compute(x);
}
