import * as tf from '@tensorflow/tfjs-core';
import { checkTargets } from './class-targets.ts';
import { lossFromLogits, softmaxParts } from './loss-from-logits.ts';
import { nativeBackend } from './native-backend.ts';

/**
 * Cross-entropy of softmax(logits) against soft labels (smoothed labels, mixed images), computed
 * from the logits, so that neither tiny nor huge probabilities are clipped. Differentiable in
 * `logits`; the targets are constants.
 *
 * @param logits [b, c], float32
 * @param targets [b, c], float32: the weight of each class, 0..1, with sum 1 in each example. As in
 * Keras the sum is not checked; with another sum the gradient is not that of the loss.
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 * @throws FixresModelsError `bad-option` if the shapes differ
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  checkTargets(logits, targets);
  return lossFromLogits(logits, ($logits) => lossAndGradient($logits, targets));
}

/** The derivative with respect to the logits is softmax - targets. */
function lossAndGradient(logits: tf.Tensor2D, targets: tf.Tensor2D): [tf.Tensor1D, tf.Tensor2D] {
  const backend = nativeBackend();
  if (backend !== undefined) {
    const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
    const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
    const outputs = backend.executeMultipleOutputs(
      'SoftmaxCrossEntropyWithLogits',
      attributes,
      [logits, targets],
      2,
    );
    return outputs as [tf.Tensor1D, tf.Tensor2D];
  }
  const { probabilities, surprisal } = softmaxParts(logits);
  return [tf.sum(tf.mul(targets, surprisal), 1), tf.sub(probabilities, targets)];
}
