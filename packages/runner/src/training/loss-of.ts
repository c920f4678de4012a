import { binaryCrossEntropy, classTargets, focalLoss, weightedCrossEntropy } from '@fixres/models';
import type { ArmSpec } from '@fixres/runs';
import { crossEntropy, type LossFunction } from './gradient-function.ts';

/**
 * The loss of an arm.
 *
 * @param weights a factor for each class, from {@link classWeightsOf}
 */
export function lossOf(
  { loss = { type: 'cross-entropy' } }: Pick<ArmSpec, 'loss'>,
  weights?: readonly number[],
): LossFunction {
  switch (loss.type) {
    case 'cross-entropy':
      return weights === undefined
        ? crossEntropy
        : (logits, labels, targets) =>
            weightedCrossEntropy(logits, classTargets(logits, labels, targets), weights);
    case 'binary-cross-entropy': {
      const { over, threshold } = loss;
      return (logits, labels, targets) =>
        binaryCrossEntropy(logits, classTargets(logits, labels, targets), {
          over,
          threshold,
          weights,
        });
    }
    case 'focal': {
      const { gamma } = loss;
      return (logits, labels, targets) =>
        focalLoss(logits, classTargets(logits, labels, targets), { gamma, weights });
    }
  }
}
