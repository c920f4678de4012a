import * as tf from '@tensorflow/tfjs-core';
import { checkTargets, classWeightRow } from './class-targets.ts';
import { lossFromLogits } from './loss-from-logits.ts';

/** Options of {@link binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions {
  /**
   * How the losses of the classes of an example become one: `mean`, as in torch and timm, or `sum`,
   * timm's `sum_classes`. Default `mean`.
   */
  over?: 'mean' | 'sum' | undefined;
  /**
   * Targets above this value become 1, others 0, as in "ResNet strikes back" (Wightman et al. 2021,
   * section 3): a class that is mixed in is fully present. Default: targets stay as they are.
   */
  threshold?: number | undefined;
  /** Factor on the loss of each class, torch's `weight`: finite, at least 0. Default 1 for all. */
  weights?: readonly number[] | undefined;
  /**
   * Factor on the loss of each class where it is present, torch's `pos_weight`: finite, at least 0.
   * Default 1 for all.
   */
  positiveWeights?: readonly number[] | undefined;
}

/**
 * Binary cross-entropy of sigmoid(logits): each class is a question of its own, and soft targets
 * (smoothed labels, mixed images) need no sum of 1. Computed from the logits, so that no
 * probability is clipped. timm's `BinaryCrossEntropy`, for each example. Differentiable in
 * `logits`; the targets are constants.
 *
 * @param logits [b, c], float32
 * @param targets [b, c], float32, 0..1
 * @returns loss of each example in nats, [b]; the caller (or the enclosing tidy) disposes it
 * @throws FixresModelsError `bad-option` for other shapes or invalid weights
 */
export function binaryCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  { over = 'mean', threshold, weights, positiveWeights }: BinaryCrossEntropyOptions = {},
): tf.Tensor1D {
  checkTargets(logits, targets);
  return lossFromLogits(logits, ($logits) => {
    const wanted =
      threshold === undefined
        ? targets
        : tf.cast<tf.Tensor2D>(tf.greater(targets, threshold), 'float32');
    const { each, slope } =
      positiveWeights === undefined
        ? binaryTerms($logits, wanted)
        : weightedTerms($logits, wanted, classWeightRow($logits, positiveWeights));
    const share = over === 'mean' ? 1 / $logits.shape[1] : 1;
    const factor =
      weights === undefined ? tf.scalar(share) : tf.mul(classWeightRow($logits, weights), share);
    return [tf.sum(tf.mul(each, factor), 1), tf.mul(slope, factor)] as [tf.Tensor1D, tf.Tensor2D];
  });
}

/** The loss of each class and its derivative. */
interface BinaryTerms {
  each: tf.Tensor2D;
  slope: tf.Tensor2D;
}

/** max(x, 0) - x t + log(1 + exp(-|x|)), which overflows for no x. */
function binaryTerms(logits: tf.Tensor2D, wanted: tf.Tensor2D): BinaryTerms {
  return {
    each: tf.add(
      tf.sub(tf.relu(logits), tf.mul(logits, wanted)),
      tf.log1p(tf.exp(tf.neg(tf.abs(logits)))),
    ),
    slope: tf.sub(tf.sigmoid(logits), wanted),
  };
}

/** (1 - t) x + (1 + (w - 1) t) log(1 + exp(-x)), with the logarithm as above. */
function weightedTerms(
  logits: tf.Tensor2D,
  wanted: tf.Tensor2D,
  weights: tf.Tensor2D,
): BinaryTerms {
  const absent = tf.sub(1, wanted);
  const factor = tf.add(tf.mul(tf.sub(weights, 1), wanted), 1);
  const surprisal = tf.add(tf.log1p(tf.exp(tf.neg(tf.abs(logits)))), tf.relu(tf.neg(logits)));
  return {
    each: tf.add(tf.mul(absent, logits), tf.mul(factor, surprisal)),
    slope: tf.add(absent, tf.mul(factor, tf.neg(tf.sigmoid(tf.neg(logits))))),
  };
}
