import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../errors.ts';
import { contractInput, type PixelContract } from '../evaluation/contract-classifier.ts';
import type { ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';

export interface ImageFeaturesOptions {
  /** Converts levels to the model's input. Default: the levels are the input. */
  contract?: PixelContract;
  /** Called with the number of images so far. */
  onBatch?: (images: number) => void;
  signal?: AbortSignal | undefined;
}

/** One vector for each image. */
export interface ImageFeatures {
  /** images x size, row by row. */
  vectors: Float32Array;
  size: number;
}

/** Layers between the classifier's matrix product and the output. */
const AFTER_CLASSIFIER: ReadonlySet<string> = new Set(['Activation', 'Softmax', 'KerasSoftmax']);

/**
 * What the classifier of a model sees of each image: the input of its last layer with weights,
 * flattened.
 *
 * @param batches in order, for example `source.batches({ policy, shuffle: false, ... })`
 * @throws FixresRunnerError `bad-option` without images, or for a model of a single layer
 */
export async function imageFeatures(
  model: tfl.LayersModel,
  batches: Iterable<ImageBatch> | AsyncIterable<ImageBatch>,
  { contract, onBatch, signal }: ImageFeaturesOptions = {},
): Promise<ImageFeatures> {
  let last = model.outputs[0]!;
  while (AFTER_CLASSIFIER.has(last.sourceLayer.getClassName()) && last.inputs[0])
    last = last.inputs[0];
  const outputs = last.inputs[0];
  if (outputs === undefined)
    throw new FixresRunnerError('bad-option', 'The model has no layer before its classifier.');
  const trunk = tfl.model({ inputs: model.inputs, outputs });
  const rows: Float32Array[] = [];
  let size = 0;
  let images = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const features = tf.tidy(() => {
      const levels = imageTensor(batch) as tf.Tensor4D;
      const input = contract ? contractInput(levels, contract) : levels;
      return trunk.apply(input, { training: false }) as tf.Tensor;
    });
    rows.push((await features.data()) as Float32Array);
    size = features.size / batch.labels.length;
    features.dispose();
    images += batch.labels.length;
    onBatch?.(images);
  }
  if (images === 0)
    throw new FixresRunnerError(
      'bad-option',
      'Option "batches" is empty; it must contain at least one batch.',
    );
  const vectors = new Float32Array(images * size);
  let at = 0;
  for (const row of rows) {
    vectors.set(row, at);
    at += row.length;
  }
  return { vectors, size };
}
