import * as tf from '@tensorflow/tfjs-core';

/**
 * A loss that computes its derivative with respect to the logits along with its value.
 *
 * @param logits [b, c], float32
 * @param lossAndGradient the loss of each example, [b], and its derivative with respect to the
 * logits, [b, c]
 * @returns the loss, [b], differentiable in `logits`; the caller (or the enclosing tidy) disposes
 * it
 */
export function lossFromLogits(
  logits: tf.Tensor2D,
  lossAndGradient: (logits: tf.Tensor2D) => [loss: tf.Tensor1D, gradient: tf.Tensor2D],
): tf.Tensor1D {
  const forward = tf.customGrad((...args) => {
    const [$logits, save] = args as [tf.Tensor2D, tf.GradSaveFunc];
    const [loss, gradient] = lossAndGradient($logits);
    save([gradient]);
    const gradFunc = (dy: tf.Tensor1D, saved: tf.Tensor[]): tf.Tensor =>
      tf.mul(tf.expandDims(dy, 1), saved[0] as tf.Tensor2D);
    return { value: loss, gradFunc };
  });
  return forward(logits);
}

/** Softmax of logits [b, c], and its negative logarithm, both [b, c]; neither is clipped. */
export function softmaxParts(logits: tf.Tensor2D): {
  probabilities: tf.Tensor2D;
  surprisal: tf.Tensor2D;
} {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true);
  return { probabilities: tf.div(exponentials, total), surprisal: tf.sub(tf.log(total), shifted) };
}
