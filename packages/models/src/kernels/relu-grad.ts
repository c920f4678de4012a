import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './native-backend.ts';
import { relu6Gradient } from './relu6-grad.ts';

/**
 * The gradient of ReLU: `dy` where `y > 0`, else 0.
 *
 * One `ReluGrad` on the native backend instead of four ops. `y` may be ReLU's input or its output, they have the same sign
 * pattern. The caller (or the enclosing tidy) disposes the result.
 *
 * @param dy gradient of the output, any shape
 * @param y input or output of ReLU, same shape
 */
export function reluGrad<T extends tf.Tensor>(dy: T, y: T): T {
  const backend = nativeBackend();
  if (backend === undefined) return tf.mul(dy, tf.step(y));
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  return backend.executeSingleOutput(
    'ReluGrad',
    [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }],
    [dy, y],
  ) as T;
}

const reluGradient: tf.GradConfig = {
  kernelName: 'Relu',
  outputsToSave: [true],
  gradFunc: (dy, saved) => ({ x: () => reluGrad(dy as tf.Tensor, saved[0]!) }),
};

/**
 * Makes {@link reluGrad} and {@link relu6Grad} the gradients of every ReLU and ReLU6 of the program. Same numbers, less time and
 * memory: they keep the output for the backward pass where tfjs keeps the input, and the next convolution keeps that output anyway.
 *
 * Cheap to repeat, and to be repeated: each tfjs bundle that is loaded later puts tfjs's own gradients back.
 */
export function registerReluGrad(): void {
  for (const gradient of [reluGradient, relu6Gradient]) {
    if (tf.getGradient(gradient.kernelName) !== gradient) tf.registerGradient(gradient);
  }
}
