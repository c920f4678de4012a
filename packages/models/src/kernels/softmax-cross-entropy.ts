import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './native-backend.ts';

/**
 * Cross-entropy of softmax(logits) against probabilities (smoothed labels, mixed images), computed from the logits.
 * Differentiable in `logits`.
 *
 * @param logits [b, c], float32
 * @param targets [b, c], float32, each row with the sum 1
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const forward = tf.customGrad((...args) => {
    const [$logits, save] = args as [tf.Tensor2D, tf.GradSaveFunc];
    const [loss, gradient] = lossAndGradient($logits, targets);
    save([gradient]);
    const gradFunc = (dy: tf.Tensor1D, saved: tf.Tensor[]): tf.Tensor => tf.mul(tf.expandDims(dy, 1), saved[0] as tf.Tensor2D);
    return { value: loss, gradFunc };
  });
  return forward(logits);
}

/** The loss [b] and its derivative by the logits, softmax - targets, [b, c]. */
function lossAndGradient(logits: tf.Tensor2D, targets: tf.Tensor2D): [tf.Tensor1D, tf.Tensor2D] {
  const backend = nativeBackend();
  if (backend !== undefined) {
    const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
    const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
    return backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', attributes, [logits, targets], 2) as [tf.Tensor1D, tf.Tensor2D];
  }
  const logSoftmax = tf.logSoftmax(logits);
  return [tf.neg(tf.sum(tf.mul(targets, logSoftmax), 1)), tf.sub(tf.exp(logSoftmax), targets)];
}
