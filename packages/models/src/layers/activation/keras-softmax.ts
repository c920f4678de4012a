import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/** Keras's Softmax along any axis, or over several together. tfjs's own has the last one only. */
class KerasSoftmax extends layers.Layer {
  static className = 'KerasSoftmax';
  private readonly axis: number | number[];
  /** A field as in tfjs's own, by which `applyLogits` leaves it out. */
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
