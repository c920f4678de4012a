import * as tf from '@tensorflow/tfjs-core';
import { refuse } from './errors.ts';

/**
 * Targets of label smoothing, as defined in Keras (`label_smoothing`) and torch
 * (`CrossEntropyLoss`): `1 - smoothing + smoothing / classes` for the label and `smoothing /
 * classes` for every other class. (C. Szegedy et al., arXiv 1512.00567)
 *
 * @param labels class numbers [b], int32, each in 0..classes-1
 * @param smoothing from 0 (one-hot targets) to 1 (the same target for all classes)
 * @returns targets [b, classes], float32, each row with the sum 1; the caller disposes them
 * @throws FixresFinetuneError `bad-option`
 */
export function smoothLabels(labels: tf.Tensor1D, classes: number, smoothing: number): tf.Tensor2D {
  if (!(smoothing >= 0 && smoothing <= 1))
    refuse('bad-option', 'smoothing', smoothing, 'a number from 0 to 1');
  return tf.tidy(() => {
    // The wasm kernel of OneHot writes the bits of integers whatever type is requested, so the cast
    // comes after it.
    const oneHot = tf.cast(tf.oneHot(labels, classes), 'float32') as tf.Tensor2D;
    return tf.add<tf.Tensor2D>(tf.mul(oneHot, 1 - smoothing), smoothing / classes);
  });
}
