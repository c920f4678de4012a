import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/**
 * Keras's ELU for any `alpha`: `x` for x >= 0, `alpha * (exp(x) - 1)` below. tfjs's own layer only
 * supports an alpha of 1.
 */
class KerasELU extends layers.Layer {
  static className = 'KerasELU';
  private readonly alpha: number;

  constructor({ alpha, ...args }: { alpha: number } & Record<string, unknown>) {
    super(args);
    this.alpha = alpha;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      return tf.add(tf.relu(x), tf.mul(this.alpha, tf.elu(tf.neg(tf.relu(tf.neg(x))))));
    });
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

tf.serialization.registerClass(KerasELU);
