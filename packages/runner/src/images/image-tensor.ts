import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch } from './image-source.ts';

/**
 * The input of a model from a batch: images as a float tensor [images, height, width, 3] of levels
 * 0..255, or their cached features. The caller disposes it before requesting the next batch: on
 * some backends the tensor is the batch's own array.
 */
export function imageTensor({ pixels, shape, features }: ImageBatch): tf.Tensor {
  if (features !== undefined) return tf.tensor(features.values, features.shape);
  return tf.tidy(() => tf.cast(tf.tensor4d(pixels, shape, 'int32'), 'float32'));
}
