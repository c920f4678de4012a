import { type FreezeHandle, splitTrunk } from '@fixres/finetune';
import {
  applyLogits,
  type LogitsModel,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
} from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * Loss (the batch's mean), number of correctly classified images (int32), and gradients by the
 * names of their variables.
 */
export interface GradientStep {
  loss: tf.Scalar;
  correct: tf.Scalar;
  gradients: tf.NamedTensorMap;
}

/**
 * The loss of each image, [b], from logits [b, classes] (probabilities of a model that ends in a
 * softmax or sigmoid are converted back to logits) and the labels: class numbers [b] (int32), and with mixed
 * images or smoothed labels also targets [b, classes]. In a distillation also the logits of the
 * teacher, [b, classes]. Its tensors belong to the enclosing tidy.
 */
export interface LossFunction {
  (
    logits: tf.Tensor2D,
    labels: tf.Tensor1D,
    targets?: tf.Tensor2D,
    teacher?: tf.Tensor2D,
  ): tf.Tensor1D;
  /**
   * Which images are classified correctly, [b], bool. Default: those whose most probable class is the
   * label.
   */
  isCorrect?: (logits: tf.Tensor2D, targets: tf.Tensor2D) => tf.Tensor1D;
}

/** Softmax cross-entropy, the default. */
export const crossEntropy: LossFunction = (logits, labels, targets) =>
  targets === undefined
    ? sparseSoftmaxCrossEntropy(logits, labels)
    : softmaxCrossEntropy(logits, targets);

/**
 * The function takes images [b, h, w, 3] as levels 0..255 (float32), or features [b, ...] of a
 * frozen trunk; class numbers [b] (int32), and with mixed images or smoothed labels also the
 * targets [b, classes]. Its tensors belong to the enclosing tidy.
 */
export type GradientFunction = (
  inputs: tf.Tensor,
  labels: tf.Tensor1D,
  targets?: tf.Tensor2D,
  teacher?: tf.Tensor2D,
) => GradientStep;

/**
 * Forward and backward pass of a classifier. It updates running statistics, but no weights. A
 * frozen trunk is computed outside of the gradient, so that its activations are freed at once.
 *
 * @param teacher takes the same images; its logits are passed to the loss. Not owned
 */
export function gradientStep(
  model: LayersModel,
  handle: FreezeHandle,
  loss?: LossFunction,
  teacher?: LayersModel,
): GradientFunction {
  const step = imageStep(model, handle, loss);
  if (teacher === undefined) return step;
  // Outside of the gradient, so that the teacher's activations are freed at once.
  return (images, labels, targets) =>
    step(images, labels, targets, applyLogits(teacher, images, false));
}

function imageStep(
  model: LayersModel,
  handle: FreezeHandle,
  loss: LossFunction | undefined,
): GradientFunction {
  const split = splitTrunk(handle);
  if (split === null) return stepThrough(model, handle, loss);
  const step = headGradientStep(
    model,
    handle,
    (features, mode) => split.head(features, mode),
    loss,
  );
  return (images, ...rest) => step(split.trunk(images), ...rest);
}

/** {@link gradientStep} that starts from the features of a frozen trunk. */
export function headGradientStep(
  model: LayersModel,
  handle: FreezeHandle,
  head: Head,
  loss?: LossFunction,
): GradientFunction {
  const { name, outputs, outputLayers } = model;
  const apply: LogitsModel['apply'] = (x, options) =>
    head(x as tf.Tensor, { training: options?.training === true });
  return stepThrough({ name, outputs, outputLayers, apply }, handle, loss);
}

type Head = (features: tf.Tensor, options: { training: boolean }) => tf.Tensor | tf.Tensor[];

function stepThrough(
  model: LogitsModel,
  handle: FreezeHandle,
  lossOf = crossEntropy,
): GradientFunction {
  const variables = handle.gradientVariables;
  return (inputs, labels, targets, teacher) => {
    let correct!: tf.Scalar;
    const { value: loss, grads } = tf.variableGrads(() => {
      const logits = applyLogits(model, inputs, true);
      // Kept, because the logits are disposed when the gradients are ready.
      correct = tf.keep(
        tf.tidy(() => {
          const isCorrect =
            lossOf.isCorrect === undefined
              ? tf.equal(tf.argMax(logits, 1), labels)
              : lossOf.isCorrect(logits, targets!);
          return tf.sum<tf.Scalar>(tf.cast(isCorrect, 'int32'));
        }),
      );
      return tf.mean(lossOf(logits, labels, targets, teacher));
    }, variables);
    const counted = correct.clone();
    correct.dispose();
    return { loss, correct: counted, gradients: grads };
  };
}
