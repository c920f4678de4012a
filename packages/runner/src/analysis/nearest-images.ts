import * as tf from '@tensorflow/tfjs-core';
import type { ImageFeatures } from './image-features.ts';
import { inverseCholesky } from './inverse-cholesky.ts';

/** The image of another set that is most like an image. */
export interface NearestImage {
  /** Its position in the other set. */
  index: number;
  /** Cosine of the angle between the two whitened vectors, -1..1. */
  similarity: number;
}

/** Numbers of the matrix of similarities that are computed at once. */
const AT_ONCE = 1 << 24;
/** Part of the mean variance that is added to each, so that directions without variance stay small. */
const RIDGE = 1e-3;
/** For equal vectors, which have no variance at all. */
const LEAST = 1e-30;
/** Longer vectors are only divided by their standard deviations: the covariance would be too large. */
const LONGEST = 2048;

/**
 * For each vector, the most similar one of another set, by the cosine after whitening: the mean of the
 * other set is subtracted, and the numbers are made uncorrelated with equal variance. Otherwise the few
 * directions that tell classes apart decide, in which most images of a class are equal.
 *
 * @param others at least two, of the same size
 */
export async function nearestImages(
  { vectors, size }: ImageFeatures,
  others: ImageFeatures,
): Promise<NearestImage[]> {
  const images = vectors.length / size;
  const count = others.vectors.length / size;
  const chunk = Math.max(1, Math.floor(AT_ONCE / Math.max(count, size)));
  const { mean, transform } = await whitening(others);
  const white = (rows: Float32Array): tf.Tensor2D => {
    const centred = tf.sub(tf.tensor2d(rows, [rows.length / size, size]), mean);
    return unitRows(
      transform.rank === 1
        ? tf.mul(centred, transform)
        : tf.matMul(centred, transform, false, true),
    );
  };
  const found: NearestImage[] = [];
  const all = tf.tidy(() => white(others.vectors));
  try {
    for (let from = 0; from < images; from += chunk) {
      const rows = vectors.subarray(from * size, Math.min(images, from + chunk) * size);
      const [similarity, index] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
        const similarities = tf.matMul(white(rows), all, false, true);
        return [tf.max(similarities, 1), tf.argMax(similarities, 1)];
      });
      const [similarities, indices] = await Promise.all([similarity.data(), index.data()]);
      tf.dispose([similarity, index]);
      similarities.forEach((value, i) => found.push({ index: indices[i]!, similarity: value }));
    }
  } finally {
    tf.dispose([mean, transform, all]);
  }
  return found;
}

/**
 * The mean of vectors, and what makes them uncorrelated: a matrix, or a factor for each number. The caller
 * disposes both.
 */
async function whitening({
  vectors,
  size,
}: ImageFeatures): Promise<{ mean: tf.Tensor; transform: tf.Tensor }> {
  const count = vectors.length / size;
  if (size > LONGEST) {
    const [mean, transform] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
      const { mean: centre, variance } = tf.moments(tf.tensor2d(vectors, [count, size]), 0);
      const ridge = tf.maximum(tf.mul(tf.mean(variance), RIDGE), LEAST);
      return [centre, tf.rsqrt(tf.add(variance, ridge))];
    });
    return { mean, transform };
  }
  const [mean, covariance] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
    const rows = tf.tensor2d(vectors, [count, size]);
    const centre = tf.mean(rows, 0);
    const centred = tf.sub(rows, centre);
    return [centre, tf.div(tf.matMul(centred, centred, true), count)];
  });
  const matrix = Float64Array.from(await covariance.data());
  covariance.dispose();
  let variance = 0;
  for (let i = 0; i < size; i++) variance += matrix[i * size + i]! / size;
  const ridge = Math.max(RIDGE * variance, LEAST);
  for (let i = 0; i < size; i++) matrix[i * size + i]! += ridge;
  const transform = tf.tensor2d(Float32Array.from(inverseCholesky(matrix, size)), [size, size]);
  return { mean, transform };
}

/** Rows of length 1; rows of zeros stay. */
function unitRows(rows: tf.Tensor): tf.Tensor2D {
  return tf.div(rows, tf.maximum(tf.norm(rows, 2, 1, true), 1e-12));
}
