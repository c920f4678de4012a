import * as tf from '@tensorflow/tfjs-core';
import { checkTargets, classWeightRow } from './class-targets.ts';
import { checkGamma, TINY } from './focal-gamma.ts';
import { lossFromLogits } from './loss-from-logits.ts';

/** Options of {@link sigmoidFocalLoss}. */
export interface SigmoidFocalLossOptions {
  /** Focusing parameter, at least 0; 0 is binary cross-entropy. Default 2, as in the paper. */
  gamma?: number | undefined;
  /** Factor on the loss of each class where it is present: finite, at least 0. Default 1 for all. */
  positiveWeights?: readonly number[] | undefined;
}

/**
 * Focal loss (Lin et al. 2017, equation 4) over sigmoid(logits), torchvision's `sigmoid_focal_loss`
 * without alpha: (1 - p_t)^gamma times the binary cross-entropy of each class, with
 * p_t = p t + (1 - p)(1 - t), and the mean over the classes. Differentiable in `logits`; the targets
 * are constants.
 *
 * @param logits [b, c], float32
 * @param targets [b, c], float32, 0..1
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 * @throws FixresModelsError `bad-option` for other shapes, weights or gamma
 */
export function sigmoidFocalLoss(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  { gamma = 2, positiveWeights }: SigmoidFocalLossOptions = {},
): tf.Tensor1D {
  checkTargets(logits, targets);
  checkGamma(gamma);
  return lossFromLogits(logits, ($logits) => {
    const present = positiveWeights
      ? tf.mul<tf.Tensor2D>(targets, classWeightRow($logits, positiveWeights))
      : targets;
    const absent = tf.sub(1, targets);
    const [yes, no] = [tf.sigmoid($logits), tf.sigmoid(tf.neg($logits))];
    const tail = tf.log1p(tf.exp(tf.neg(tf.abs($logits))));
    // -log(p) and -log(1 - p), which are not clipped.
    const [ofYes, ofNo] = [tf.add(tail, tf.relu(tf.neg($logits))), tf.add(tail, tf.relu($logits))];
    const entropy = tf.add(tf.mul(present, ofYes), tf.mul(absent, ofNo));
    // 1 - p_t
    const rest = tf.add(tf.mul(no, targets), tf.mul(yes, absent));
    const focus = tf.pow(rest, gamma);
    const slope = tf.sub(tf.mul(absent, yes), tf.mul(present, no));
    const ratio = tf.div(tf.mul(yes, no), tf.add(rest, TINY));
    const turn = tf.mul(tf.mul(tf.mul(entropy, gamma), ratio), tf.sub(tf.mul(targets, 2), 1));
    const gradient = tf.mul(focus, tf.sub(slope, turn));
    const share = 1 / $logits.shape[1];
    return [tf.mul(tf.sum(tf.mul(entropy, focus), 1), share), tf.mul(gradient, share)] as [
      tf.Tensor1D,
      tf.Tensor2D,
    ];
  });
}
