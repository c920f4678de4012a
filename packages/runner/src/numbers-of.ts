import * as tf from '@tensorflow/tfjs-core';

/**
 * The numbers of the tensor that a function computes, which is disposed with all others that the
 * function makes.
 *
 * They are read outside of `tf.tidy`, which looks for tensors in what its function returns: in an
 * array of numbers, at each of them (tfjs 4.22). 64,000 numbers take it 30 ms.
 */
export function numbersOf(compute: () => tf.Tensor): Float32Array {
  const output = tf.tidy(compute);
  const numbers = output.dataSync<'float32'>();
  output.dispose();
  return numbers;
}
