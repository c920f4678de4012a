import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './native-backend.ts';
import { relu6Gradient } from './relu6-grad.ts';

/**
 * The gradient of ReLU: `dy` where `y > 0`, else 0.
 *
 * Uses one `ReluGrad` on the native backend instead of four ops. `y` may be ReLU's input or its
 * output, because they have the same sign pattern. The caller (or the enclosing tidy) disposes the
 * result.
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
 * Makes {@link reluGrad} and {@link relu6Grad} the gradients of every ReLU and ReLU6 of the
 * program. The numbers are the same, with less time and memory: these gradients keep the output for
 * the backward pass, which the next convolution keeps anyway, while tfjs keeps the input.
 *
 * Call it often; it is cheap. Each tfjs bundle that is loaded later restores tfjs's own gradients.
 */
export function registerReluGrad(): void {
  for (const gradient of [reluGradient, relu6Gradient]) {
    if (tf.getGradient(gradient.kernelName) !== gradient) tf.registerGradient(gradient);
  }
}
