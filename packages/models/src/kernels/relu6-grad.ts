import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './native-backend.ts';

/**
 * The gradient of ReLU6, min(max(x, 0), 6): `dy` where `0 < y < 6`, else 0.
 *
 * Uses one `Relu6Grad` on the native backend. `y` may be the input or the output: either both are
 * in the interval or neither is. tfjs's own gradient passes `dy` at 6 itself, Keras's does not. The
 * caller (or the enclosing tidy) disposes the result.
 *
 * @param dy gradient of the output, any shape
 * @param y input or output of ReLU6, same shape
 */
export function relu6Grad<T extends tf.Tensor>(dy: T, y: T): T {
  const backend = nativeBackend();
  // y (6 - y) is positive only between the ends; comparisons are slow on wasm.
  if (backend === undefined) return tf.mul(dy, tf.step(tf.mul(y, tf.sub(6, y))));
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  return backend.executeSingleOutput(
    'Relu6Grad',
    [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }],
    [dy, y],
  ) as T;
}

/** {@link relu6Grad} in the form in which tfjs registers gradients. */
export const relu6Gradient: tf.GradConfig = {
  kernelName: 'Relu6',
  outputsToSave: [true],
  gradFunc: (dy, saved) => ({ x: () => relu6Grad(dy as tf.Tensor, saved[0]!) }),
};
