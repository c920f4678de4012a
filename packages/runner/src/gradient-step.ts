import { type FreezeHandle, splitTrunk } from '@fixres/finetune';
import { applyLogits, type LogitsModel, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Loss (the batch's mean), number of images classified rightly (int32), and gradients by the names of their variables. */
export interface GradientStep {
  loss: tf.Scalar;
  correct: tf.Scalar;
  gradients: tf.NamedTensorMap;
}

/**
 * Forward and backward pass of a classifier. Running statistics move in it, weights do not. A frozen trunk is computed outside of
 * the gradient, so that its activations are freed at once.
 *
 * The function takes images [b, h, w, 3] as levels 0..255 (float32), class numbers [b] (int32), and where images are mixed or labels
 * smoothed the targets [b, classes]. Its tensors belong to the enclosing tidy.
 */
export function gradientStep(
  model: LayersModel,
  handle: FreezeHandle,
): (images: tf.Tensor4D, labels: tf.Tensor1D, targets?: tf.Tensor2D) => GradientStep {
  const variables = handle.gradientVariables;
  const split = splitTrunk(handle);
  const { name, outputs, outputLayers } = model;
  const head: LogitsModel = split
    ? { name, outputs, outputLayers, apply: (x, options) => split.head(x as tf.Tensor, { training: options?.training === true }) }
    : model;
  return (images, labels, targets) => {
    const features = split ? split.trunk(images) : images;
    let correct!: tf.Scalar;
    const { value: loss, grads } = tf.variableGrads(() => {
      const logits = applyLogits(head, features, true);
      // Kept: the logits are gone when the gradients are there.
      correct = tf.keep(tf.tidy(() => tf.sum<tf.Scalar>(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'int32'))));
      return tf.mean(targets === undefined ? sparseSoftmaxCrossEntropy(logits, labels) : softmaxCrossEntropy(logits, targets));
    }, variables);
    const counted = correct.clone();
    correct.dispose();
    return { loss, correct: counted, gradients: grads };
  };
}
