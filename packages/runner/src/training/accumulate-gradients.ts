import * as tf from '@tensorflow/tfjs-core';
import type { GradientStep } from './gradient-function.ts';

/**
 * The step of a whole batch from those of its parts: loss and gradients are means weighted by the
 * number of images, correctly classified images are counted. The parts are computed one after
 * another, so that only one needs its activations. Its tensors belong to the enclosing tidy.
 */
export function accumulateGradients(
  parts: readonly { images: number; compute: () => GradientStep }[],
): GradientStep {
  const all = parts.reduce((sum, { images }) => sum + images, 0);
  return parts.reduce<GradientStep | undefined>(
    (sum, { images, compute }) =>
      tf.tidy(() => {
        // Scaling by 1 would round nothing, but costs kernels.
        if (images === all) return compute() as GradientStep & tf.TensorContainerObject;
        const part = scaled(compute(), images / all);
        return (sum === undefined ? part : added(sum, part)) as GradientStep &
          tf.TensorContainerObject;
      }),
    undefined,
  )!;
}

function scaled({ loss, correct, gradients }: GradientStep, share: number): GradientStep {
  return {
    loss: tf.mul(loss, share),
    correct,
    gradients: Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, share)]),
    ),
  };
}

function added(a: GradientStep, b: GradientStep): GradientStep {
  return {
    loss: tf.add(a.loss, b.loss),
    correct: tf.add(a.correct, b.correct),
    gradients: Object.fromEntries(
      Object.entries(a.gradients).map(([name, gradient]) => [
        name,
        tf.add(gradient, b.gradients[name]!),
      ]),
    ),
  };
}
