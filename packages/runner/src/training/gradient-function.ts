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

/** Computes logits from features of the model's images, or from the images. */
export type Head = (features: tf.Tensor, options: { training: boolean }) => tf.Tensor | tf.Tensor[];

/** The end of a model as a model that takes features. */
export function headOf({ name, outputs, outputLayers }: LayersModel, head: Head): LogitsModel {
  const apply: LogitsModel['apply'] = (x, options) =>
    head(x as tf.Tensor, { training: options?.training === true });
  return { name, outputs, outputLayers, apply };
}

/**
 * Differentiates the mean loss of a batch, and counts the images classified correctly. The tensors
 * belong to the enclosing tidy.
 *
 * @param differentiate computes the gradients of a function without arguments
 */
export function countedLoss<T>(
  model: LogitsModel,
  lossOf: LossFunction,
  [inputs, labels, targets, teacher]: Parameters<GradientFunction>,
  differentiate: (loss: () => tf.Scalar) => T,
): { differentiated: T; correct: tf.Scalar } {
  let correct!: tf.Scalar;
  const differentiated = differentiate(() => {
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
  });
  const counted = correct.clone();
  correct.dispose();
  return { differentiated, correct: counted };
}
