import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch } from './image-source.ts';

/** A batch as a float tensor [images, height, width, 3] of levels 0..255. The caller disposes it. */
export function imageTensor(batch: ImageBatch): tf.Tensor4D {
  return tf.tidy(() => tf.cast(tf.tensor4d(batch.pixels, batch.shape, 'int32'), 'float32'));
}
