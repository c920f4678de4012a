import * as tf from '@tensorflow/tfjs-core';

/**
 * Zeros in the shape of a variable, filled by the backend. `tf.zeros` fills an array in JavaScript, which the
 * backend copies: for the two moments of each weight of a network, a good part of the time before the first
 * step. The caller disposes them.
 */
export function zerosLike(variable: tf.Variable): tf.Tensor {
  return tf.fill(variable.shape, 0);
}
