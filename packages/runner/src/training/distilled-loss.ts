import { softDistillation, sparseSoftmaxCrossEntropy } from '@fixres/models';
import type { Distillation } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import type { LossFunction } from './gradient-function.ts';

/**
 * The loss of a student: (1 - alpha) times its own loss, plus alpha times that of the teacher. `soft`:
 * the divergence from the teacher at a temperature (Hinton et al. 2015). `hard`: cross-entropy of the
 * class that the teacher finds most probable (DeiT, Touvron et al. 2021, equation 3 with alpha 1/2).
 */
export function distilledLoss(
  own: LossFunction,
  { kind = 'soft', temperature = 3, alpha = 0.5 }: Omit<Distillation, 'teacher' | 'digest'>,
): LossFunction {
  return (logits, labels, targets, teacher) => {
    const taught =
      kind === 'soft'
        ? softDistillation(logits, teacher!, temperature)
        : sparseSoftmaxCrossEntropy(logits, tf.cast(tf.argMax(teacher!, 1), 'int32'));
    return tf.add(tf.mul(own(logits, labels, targets), 1 - alpha), tf.mul(taught, alpha));
  };
}
