import { type FreezeHandle, splitTrunk } from '@fixres/finetune';
import { applyLogits, type LogitsModel, sparseSoftmaxCrossEntropy } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageBatch } from './image-source.ts';

/** What one step saw: the batch's mean loss before the update, and how many images were classified rightly. */
export interface StepResult {
  loss: number;
  correct: number;
}

/** One step of gradient descent on a batch. */
export type TrainStep = (batch: ImageBatch) => StepResult;

/**
 * A training step that runs kernel by kernel on any engine. A frozen trunk is computed outside of the gradient, so that its
 * activations are freed at once. The step leaves no tensor behind but the optimiser's slots.
 *
 * @param model takes images of levels 0..255 and ends in a softmax or in logits
 * @param optimizer not owned: the caller disposes it
 */
export function eagerTrainStep(model: LayersModel, handle: FreezeHandle, optimizer: tf.Optimizer): TrainStep {
  const variables = handle.gradientVariables;
  const split = splitTrunk(handle);
  const { name, outputs, outputLayers } = model;
  const head: LogitsModel = split ? { name, outputs, outputLayers, apply: (x, options) => split.head(x as tf.Tensor, { training: options?.training === true }) } : model;
  return (batch) =>
    tf.tidy(() => {
      const images = imageTensor(batch);
      const features = split ? split.trunk(images) : images;
      const labels = tf.tensor1d(batch.labels, 'int32');
      let correct = 0;
      const { value, grads } = tf.variableGrads(() => {
        const logits = applyLogits(head, features, true);
        // Read here: the logits are gone when the gradients are there.
        correct = countCorrect(logits, labels);
        return tf.mean(sparseSoftmaxCrossEntropy(logits, labels));
      }, variables);
      optimizer.applyGradients(grads);
      return { loss: value.dataSync()[0]!, correct };
    });
}

/** A batch as a float tensor [images, height, width, 3] of levels 0..255. The caller disposes it. */
export function imageTensor(batch: ImageBatch): tf.Tensor4D {
  return tf.tidy(() => tf.cast(tf.tensor4d(batch.pixels, batch.shape, 'int32'), 'float32'));
}

function countCorrect(logits: tf.Tensor2D, labels: tf.Tensor1D): number {
  const hits = tf.equal(tf.argMax(logits, 1), labels);
  return tf.sum(tf.cast(hits, 'int32')).dataSync()[0]!;
}
