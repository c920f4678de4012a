import type * as tf from '@tensorflow/tfjs-core';
import { resample, type Resampling, resizeSide } from './resample.ts';

/**
 * Resizes maps as `keras.ops.image.resize` does. The caller (or the enclosing tidy) disposes the
 * result.
 *
 * @param x `[batch, height, width, channels]`
 * @param size height and width afterwards
 * @param crop first crops the largest centred part with the target aspect ratio, instead of
 * distorting
 */
export function resized(
  x: tf.Tensor4D,
  [tall, wide]: [number, number],
  interpolation: 'bilinear' | 'nearest',
  crop: boolean,
): tf.Tensor4D {
  const [, height, width] = x.shape;
  const side = (length: number, size: number, kept: number): Resampling =>
    resizeSide(kept, size, interpolation, Math.floor((length - kept) / 2));
  if (!crop) return resample(x, side(height, tall, height), side(width, wide, width));
  const keptHeight = within(height, Math.fround(width * tall) / wide);
  const keptWidth = within(width, Math.fround(height * wide) / tall);
  return resample(x, side(height, tall, keptHeight), side(width, wide, keptWidth));
}

/** Clamps a length to 1 .. the whole side. */
function within(side: number, kept: number): number {
  return Math.max(Math.min(side, Math.trunc(kept)), 1);
}
