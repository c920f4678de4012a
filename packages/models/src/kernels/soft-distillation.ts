import * as tf from '@tensorflow/tfjs-core';
import { checkOption } from '../check-option.ts';
import { lossFromLogits, softmaxParts } from './loss-from-logits.ts';

/**
 * The distillation loss of Hinton et al. 2015: temperature^2 times the Kullback-Leibler divergence
 * of softmax(logits / temperature) from softmax(teacher / temperature). The square keeps the size of
 * the gradient when the temperature changes. Differentiable in `logits`.
 *
 * @param logits [b, c], float32
 * @param teacher logits of the teacher, [b, c]; constants
 * @param temperature finite, above 0
 * @returns loss of each example in nats, [b], at least 0 up to rounding; the caller (or the
 * enclosing tidy) disposes it
 * @throws FixresModelsError `bad-option`
 */
export function softDistillation(
  logits: tf.Tensor2D,
  teacher: tf.Tensor2D,
  temperature: number,
): tf.Tensor1D {
  checkOption(
    temperature > 0 && Number.isFinite(temperature),
    'temperature',
    temperature,
    'a finite number above 0',
  );
  return lossFromLogits(logits, ($logits) => {
    const student = softmaxParts(tf.div($logits, temperature));
    const target = softmaxParts(tf.div(teacher, temperature));
    const gap = tf.sub(student.surprisal, target.surprisal);
    const loss = tf.sum(tf.mul(target.probabilities, gap), 1);
    const slope = tf.sub(student.probabilities, target.probabilities);
    return [tf.mul(loss, temperature ** 2), tf.mul(slope, temperature)] as [
      tf.Tensor1D,
      tf.Tensor2D,
    ];
  });
}
