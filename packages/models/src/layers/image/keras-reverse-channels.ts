import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/**
 * Reverses the last axis: red, green, blue becomes blue, green, red. Models that Keras trained with
 * the mode `caffe` of `preprocess_input` need it in front of them.
 */
class KerasReverseChannels extends layers.Layer {
  static className = 'KerasReverseChannels';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.reverse(onlyTensor(inputs), -1));
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }
}

tf.serialization.registerClass(KerasReverseChannels);
