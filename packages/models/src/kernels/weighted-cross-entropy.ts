import * as tf from '@tensorflow/tfjs-core';
import { checkTargets, classWeightRow } from './class-targets.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/**
 * Softmax cross-entropy with a factor on the term of each class: the sum of weight * target *
 * -log(p), torch's `cross_entropy(weight=...)` without its division by the sum of the weights. So
 * the loss of a batch is the mean of the losses of its images, whatever else is in the batch, as
 * with Keras's `class_weight`. Differentiable in `logits`.
 *
 * @param logits [b, c], float32
 * @param targets [b, c], float32, 0..1, with sum 1 in each example (not checked)
 * @param weights finite, at least 0, one for each class
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 * @throws FixresModelsError `bad-option` for other shapes or invalid weights
 */
export function weightedCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  weights: readonly number[],
): tf.Tensor1D {
  checkTargets(logits, targets);
  return tf.tidy(() => {
    const weighted = tf.mul(targets, classWeightRow(logits, weights));
    const total = tf.sum(weighted, 1, true);
    // The kernel expects rows with the sum 1; a row of weight 0 has no loss.
    const rows = tf.divNoNan<tf.Tensor2D>(weighted, total);
    return tf.mul<tf.Tensor1D>(softmaxCrossEntropy(logits, rows), tf.reshape(total, [-1]));
  });
}
