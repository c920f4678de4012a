import type * as tf from '@tensorflow/tfjs-core';

/** The input of a layer with one input, which tfjs passes alone or in a list. */
export function onlyTensor(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}
