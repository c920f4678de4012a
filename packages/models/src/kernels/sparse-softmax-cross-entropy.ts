import * as tf from '@tensorflow/tfjs-core';
import { classTargets } from './class-targets.ts';
import { lossFromLogits, softmaxParts } from './loss-from-logits.ts';
import { nativeBackend } from './native-backend.ts';

/**
 * Cross-entropy of softmax(logits) against class numbers, computed from the logits, so that neither
 * tiny nor huge probabilities are clipped. Differentiable in `logits`.
 *
 * @param logits [b, c], float32
 * @param labels [b], int32, each in 0..c-1. An invalid label is an error on the native CPU engine;
 * elsewhere its loss is infinite.
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 */
export function sparseSoftmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return lossFromLogits(logits, ($logits) => lossAndGradient($logits, labels));
}

/** The derivative with respect to the logits is softmax - one-hot. */
function lossAndGradient(logits: tf.Tensor2D, labels: tf.Tensor1D): [tf.Tensor1D, tf.Tensor2D] {
  const backend = nativeBackend();
  if (backend !== undefined) {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
    return backend.executeMultipleOutputs(
      'SparseSoftmaxCrossEntropyWithLogits',
      [
        { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
        { name: 'Tlabels', type: TF_ATTR_TYPE, value: TF_INT32 },
      ],
      [logits, labels],
      2,
    ) as [tf.Tensor1D, tf.Tensor2D];
  }
  const { probabilities, surprisal } = softmaxParts(logits);
  const oneHot = classTargets(logits, labels, undefined);
  // The sum of a one-hot row is 1, and 0 for an invalid label, which makes its loss infinite.
  const loss = tf.sub<tf.Tensor1D>(tf.sum(tf.mul(oneHot, surprisal), 1), tf.log(tf.sum(oneHot, 1)));
  return [loss, tf.sub(probabilities, oneHot)];
}
