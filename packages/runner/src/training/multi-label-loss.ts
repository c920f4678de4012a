import { binaryCrossEntropy, classTargets, sigmoidFocalLoss } from '@fixres/models';
import type { ArmSpec, PlannedArm } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import { FixresRunnerError } from '../errors.ts';
import type { LossFunction } from './gradient-function.ts';

/**
 * The loss of an arm on multi-label images: binary cross-entropy by default. An image is classified
 * correctly if exactly its classes have a probability of at least 0.5.
 *
 * @param positiveWeights a factor for each class where it is present, from {@link positiveWeightsOf}
 */
export function multiLabelLoss(
  { loss = { type: 'binary-cross-entropy' } }: Pick<ArmSpec, 'loss'>,
  positiveWeights?: readonly number[],
): LossFunction {
  const lossOf: LossFunction = (logits, labels, targets) => {
    const wanted = classTargets(logits, labels, targets);
    if (loss.type === 'focal')
      return sigmoidFocalLoss(logits, wanted, { gamma: loss.gamma, positiveWeights });
    const { over, threshold } = loss.type === 'binary-cross-entropy' ? loss : {};
    return binaryCrossEntropy(logits, wanted, { over, threshold, positiveWeights });
  };
  return Object.assign(lossOf, { isCorrect: isExactMatch });
}

function isExactMatch(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return tf.all<tf.Tensor1D>(tf.equal(tf.greaterEqual(logits, 0), tf.greater(targets, 0.5)), 1);
}

/** Number of images whose targets are counted at once. */
const COUNTED = 1024;

/**
 * The factor on the loss of each class where it is present, torch's `pos_weight`; undefined if there are
 * none. `balanced`: images without the class divided by images with it, so that both weigh the same; 1
 * for a class without images.
 *
 * @param images number of training images, and their targets
 * @throws FixresRunnerError `bad-option` if the targets are not known
 */
export function positiveWeightsOf(
  { name, classWeights }: Pick<ArmSpec, 'name' | 'classWeights'>,
  classes: number,
  images: { count: number; multiHot: ((indices: Uint32Array) => Float32Array) | undefined },
): number[] | undefined {
  if (classWeights !== 'balanced') return classWeights;
  const { count, multiHot } = images;
  if (multiHot === undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Arm "${name}" has classWeights "balanced", which requires a source of training images with labels ("access").`,
    );
  const present = new Array<number>(classes).fill(0);
  for (let from = 0; from < count; from += COUNTED) {
    const length = Math.min(COUNTED, count - from);
    const targets = multiHot(Uint32Array.from({ length }, (_, i) => from + i));
    for (const [i, target] of targets.entries()) present[i % classes]! += target;
  }
  return present.map((each) => (each === 0 ? 1 : (count - each) / each));
}

/**
 * Checks that an arm can train on multi-label images.
 *
 * @throws FixresRunnerError `bad-option` naming the setting that needs one class per image
 */
export function checkMultiLabel({ name, loss, sampling, distill }: PlannedArm): void {
  const refuse = (setting: string, instead: string): never => {
    throw new FixresRunnerError(
      'bad-option',
      `Arm "${name}" has ${setting}, which needs one class per image; for multi-label data, ${instead}.`,
    );
  };
  if (loss?.type === 'cross-entropy')
    refuse('loss "cross-entropy"', 'choose "binary-cross-entropy" (the default) or "focal"');
  if (sampling === 'class-balanced')
    refuse('sampling "class-balanced"', 'leave it out, or give classWeights');
  if (distill !== undefined) refuse('distill', 'leave it out');
}
