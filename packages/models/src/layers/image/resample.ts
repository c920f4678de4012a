import * as tf from '@tensorflow/tfjs-core';

/**
 * How to resample a side: for each new position, the old positions that contribute, and their
 * weights.
 */
export type Resampling = readonly (readonly (readonly [position: number, share: number])[])[];

/**
 * Resamples maps along both sides. This is a product of matrices, whose gradient is right on every
 * engine; the gradient of tfjs's `resizeBilinear` supports only one grid, which is not Keras's. The
 * caller (or the enclosing tidy) disposes the result.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, rows.length, columns.length, channels]`
 */
export function resample(x: tf.Tensor4D, rows: Resampling, columns: Resampling): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const wide = tf.matMul(matrix(rows, height), tf.reshape(x, [batch, height, width * channels]));
    const both = tf.matMul(
      matrix(columns, width),
      tf.reshape(wide, [batch * rows.length, width, channels]),
    );
    return tf.reshape<tf.Rank.R4>(both, [batch, rows.length, columns.length, channels]);
  });
}

function matrix(resampling: Resampling, length: number): tf.Tensor3D {
  const values = new Float32Array(resampling.length * length);
  resampling.forEach((parts, i) => {
    for (const [position, share] of parts) values[i * length + position]! += share;
  });
  return tf.tensor3d(values, [1, resampling.length, length]);
}

/** Consecutive positions, unchanged. */
export function cropSide(start: number, length: number): Resampling {
  return Array.from({ length }, (_, i) => [[start + i, 1]]);
}

/**
 * Resizes a side with the centres of pixels at 0.5, 1.5, ..., as TensorFlow 2 and Keras do, without
 * smoothing before shrinking.
 *
 * @param length of the side before
 * @param size of the side afterwards
 * @param start of the part that is resized
 */
export function resizeSide(
  length: number,
  size: number,
  interpolation: 'bilinear' | 'nearest',
  start = 0,
): Resampling {
  return Array.from({ length: size }, (_, i) => {
    const centre = ((i + 0.5) * length) / size;
    if (interpolation === 'nearest') return [[start + Math.min(Math.floor(centre), length - 1), 1]];
    const place = Math.max(centre - 0.5, 0);
    const [before, share] = [Math.min(Math.floor(place), length - 1), place - Math.floor(place)];
    return [
      [start + before, 1 - share],
      [start + Math.min(before + 1, length - 1), share],
    ];
  });
}
