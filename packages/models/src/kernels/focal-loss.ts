import * as tf from '@tensorflow/tfjs-core';
import { checkTargets, classWeightRow } from './class-targets.ts';
import { checkGamma, TINY } from './focal-gamma.ts';
import { lossFromLogits, softmaxParts } from './loss-from-logits.ts';

/** Options of {@link focalLoss}. */
export interface FocalLossOptions {
  /** Focusing parameter, at least 0; 0 is cross-entropy. Default 2, as in the paper. */
  gamma?: number | undefined;
  /** The paper's alpha: a factor for each class, finite, at least 0. Default 1 for all. */
  weights?: readonly number[] | undefined;
}

/**
 * Focal loss (Lin et al. 2017) in its multi-class form over softmax(logits), Keras's
 * `CategoricalFocalCrossentropy`: the sum of weight * target * (1 - p)^gamma * -log(p) over the
 * classes. Examples that are classified well count less. Differentiable in `logits`; the targets
 * are constants. No probability is clipped.
 *
 * @param logits [b, c], float32
 * @param targets [b, c], float32, 0..1, with sum 1 in each example (not checked)
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 * @throws FixresModelsError `bad-option` for other shapes, weights or gamma
 */
export function focalLoss(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  { gamma = 2, weights }: FocalLossOptions = {},
): tf.Tensor1D {
  checkTargets(logits, targets);
  checkGamma(gamma);
  return lossFromLogits(logits, ($logits) => {
    const { probabilities, surprisal } = softmaxParts($logits);
    const share =
      weights === undefined ? targets : tf.mul(targets, classWeightRow($logits, weights));
    // 1 - p without cancellation.
    const rest = tf.neg(tf.expm1(tf.neg(surprisal)));
    const focus = tf.pow(rest, gamma);
    const loss = tf.sum(tf.mul(share, tf.mul(focus, surprisal)), 1);
    // -p dL/dp = share (1-p)^gamma (1 + gamma p s / (1-p)); the ratio s / (1-p) tends to 1.
    const ratio = tf.div(tf.add(surprisal, TINY), tf.add(rest, TINY));
    const pull = tf.mul(
      tf.mul(share, focus),
      tf.add(tf.mul(tf.mul(probabilities, ratio), gamma), 1),
    );
    const gradient = tf.sub(tf.mul(probabilities, tf.sum(pull, 1, true)), pull);
    return [loss, gradient] as [tf.Tensor1D, tf.Tensor2D];
  });
}
