import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/** Keras's ELU of any `alpha`: `x` from 0 on, `alpha * (exp(x) - 1)` below. tfjs's own has an alpha of 1 only. */
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
