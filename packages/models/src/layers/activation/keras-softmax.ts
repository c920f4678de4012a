import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/**
 * Keras's Softmax along any axis or several axes together. tfjs's own only supports the last one.
 */
class KerasSoftmax extends layers.Layer {
  static className = 'KerasSoftmax';
  private readonly axis: number | number[];
  /** The same field as in tfjs's own layer, which lets `applyLogits` leave it out. */
  readonly softmax = (x: tf.Tensor, axis: number | number[]): tf.Tensor =>
    tf.exp(tf.sub(x, tf.logSumExp(x, axis, true)));

  constructor({ axis, ...args }: { axis: number | number[] } & Record<string, unknown>) {
    super(args);
    this.axis = axis;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.softmax(onlyTensor(inputs), this.axis));
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), axis: this.axis };
  }
}

tf.serialization.registerClass(KerasSoftmax);
