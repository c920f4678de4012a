import * as tf from '@tensorflow/tfjs-core';
import { FixresModelsError } from '../errors.ts';

/**
 * The targets of a loss, [b, c], float32: class numbers [b] (int32) become one-hot rows, targets
 * are returned as they are. The caller (or the enclosing tidy) disposes what is new.
 *
 * @throws FixresModelsError `bad-option` if targets and logits have different shapes
 */
export function classTargets(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  targets: tf.Tensor2D | undefined,
): tf.Tensor2D {
  if (targets === undefined)
    // The wasm kernel of OneHot writes the bits of integers whatever type is requested, so the cast
    // comes after it.
    return tf.cast(tf.oneHot(labels, logits.shape[1]), 'float32') as tf.Tensor2D;
  checkTargets(logits, targets);
  return targets;
}

/** @throws FixresModelsError `bad-option` unless targets have the shape of the logits */
export function checkTargets(logits: tf.Tensor2D, targets: tf.Tensor2D): void {
  if (tf.util.arraysEqual(logits.shape, targets.shape)) return;
  const message = `Option targets has shape [${targets.shape.join()}]; it must be that of the logits, [${logits.shape.join()}].`;
  throw new FixresModelsError('bad-option', message);
}

/**
 * Weights of the classes as a row [1, c] for a loss.
 *
 * @param weights a finite number of at least 0 for each class
 * @throws FixresModelsError `bad-option`
 */
export function classWeightRow(logits: tf.Tensor2D, weights: readonly number[]): tf.Tensor2D {
  const classes = logits.shape[1];
  if (weights.length !== classes || !weights.every((each) => each >= 0 && Number.isFinite(each)))
    throw new FixresModelsError(
      'bad-option',
      `Option classWeights has ${weights.length} values; it must be ${classes} finite numbers of at least 0, one for each class.`,
    );
  return tf.tensor2d([...weights], [1, classes]);
}
