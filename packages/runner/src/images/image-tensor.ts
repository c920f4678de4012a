import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch } from './image-source.ts';

/**
 * What a batch gives to a model: images as a float tensor [images, height, width, 3] of levels 0..255, or the features kept of them.
 * The caller disposes it, before it asks for the next batch: on some backends the tensor is the batch's own array.
 */
export function imageTensor({ pixels, shape, features }: ImageBatch): tf.Tensor {
  if (features !== undefined) return tf.tensor(features.values, features.shape);
  return tf.tidy(() => tf.cast(tf.tensor4d(pixels, shape, 'int32'), 'float32'));
}
