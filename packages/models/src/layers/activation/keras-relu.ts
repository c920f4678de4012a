import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/** Arguments of {@link KerasReLU}, as in Keras. */
interface KerasReLUArgs extends Record<string, unknown> {
  /** Default: none. */
  maxValue?: number | null;
  /** Slope below the threshold. Default 0. */
  negativeSlope?: number;
  /** Default 0. */
  threshold?: number;
}

/**
 * Keras's ReLU with all its arguments; tfjs's own only has `maxValue`. It is `maxValue` for x >=
 * maxValue, `x` for x >= threshold, and `negativeSlope * (x - threshold)` below.
 */
class KerasReLU extends layers.Layer {
  static className = 'KerasReLU';
  private readonly maxValue: number | null;
  private readonly negativeSlope: number;
  private readonly threshold: number;

  constructor({ maxValue = null, negativeSlope = 0, threshold = 0, ...args }: KerasReLUArgs = {}) {
    super(args);
    this.maxValue = maxValue;
    this.negativeSlope = negativeSlope;
    this.threshold = threshold;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      // Uses step instead of a comparison, because comparisons have no gradient in tfjs.
      const above =
        this.threshold === 0 ? tf.relu(x) : tf.mul(x, tf.step(tf.sub(x, this.threshold)));
      const clipped = this.maxValue === null ? above : tf.clipByValue(above, 0, this.maxValue);
      if (this.negativeSlope === 0) return clipped;
      return tf.sub(clipped, tf.mul(this.negativeSlope, tf.relu(tf.sub(this.threshold, x))));
    });
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      maxValue: this.maxValue,
      negativeSlope: this.negativeSlope,
      threshold: this.threshold,
    };
  }
}

tf.serialization.registerClass(KerasReLU);
