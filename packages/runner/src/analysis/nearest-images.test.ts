// @module-tag native-engine
import { createRandom, resize } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import type { ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { imageFeatures } from './image-features.ts';
import { nearestImages } from './nearest-images.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const batches = (count = 7): AsyncIterable<ImageBatch> =>
  smallImages(count, 1).batches({
    policy: resize(32),
    batchSize: 5,
    seed: 0,
    epoch: 0,
    shuffle: false,
  });

it('features are what the classifier multiplies', async () => {
  const model = createModel('resnet14v2', { classes: 3, width: 4, seed: 1 });
  const before = tf.memory().numTensors;
  const { vectors, size } = await imageFeatures(model, batches());
  expect(tf.memory().numTensors).toBe(before);
  expect([vectors.length, size]).toEqual([7 * 128, 128]);
  const [kernel, bias] = model.layers.at(-1)!.getWeights();
  const expected: number[] = [];
  for await (const batch of batches())
    expected.push(
      ...tf.tidy(() => (model.predict(imageTensor(batch)) as tf.Tensor).dataSync<'float32'>()),
    );
  const actual = tf.tidy(() =>
    tf.softmax(tf.add(tf.matMul(tf.tensor2d(vectors, [7, size]), kernel!), bias!)).dataSync(),
  );
  for (const [i, probability] of expected.entries()) expect(actual[i]).toBeCloseTo(probability, 5);
  await expect(imageFeatures(model, batches(0))).rejects.toThrow('Option "batches" is empty');
  model.dispose();
});

/** Solves a x = b by Gaussian elimination, without pivots, for a positive definite matrix. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  const n = rows.length;
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  return rows.map((row, i) => row[n]! / row[i]!);
}

it('the nearest image has the largest cosine after whitening', async () => {
  const random = createRandom(3, 'nearest');
  const [size, count] = [5, 30];
  // The first direction has by far the most variance, as that between classes.
  const set = (images: number): Float32Array =>
    Float32Array.from({ length: images * size }, (_, i) =>
      i % size === 0 ? 40 * random.normal() : 2 + random.normal(),
    );
  const [queries, others] = [set(8), set(count)];
  const at = (vectors: Float32Array, i: number): number[] => [
    ...vectors.subarray(i * size, (i + 1) * size),
  ];
  const mean = Array.from({ length: size }, (_, j) =>
    Array.from({ length: count }, (__, i) => at(others, i)[j]! / count).reduce((a, b) => a + b),
  );
  // The third query lies behind an image of the other set, twice as far from the mean.
  queries.set(
    at(others, 11).map((value, j) => 2 * value - mean[j]!),
    2 * size,
  );
  const centred = (vectors: Float32Array, i: number): number[] =>
    at(vectors, i).map((value, j) => value - mean[j]!);
  const dot = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, each, j) => sum + each * v[j]!, 0);
  const covariance = mean.map((_, j) =>
    mean.map((__, k) =>
      Array.from({ length: count }, (___, i) => centred(others, i))
        .map((x) => (x[j]! * x[k]!) / count)
        .reduce((a, b) => a + b),
    ),
  );
  const ridge = (0.001 * covariance.reduce((sum, row, j) => sum + row[j]!, 0)) / size;
  const ridged = covariance.map((row, j) => row.map((value, k) => value + (j === k ? ridge : 0)));
  const cosine = (a: number, b: number): number => {
    const [x, y] = [centred(queries, a), centred(others, b)];
    const [u, v] = [solve(ridged, x), solve(ridged, y)];
    return dot(x, v) / Math.sqrt(dot(x, u) * dot(y, v));
  };
  const before = tf.memory().numTensors;
  const found = await nearestImages({ vectors: queries, size }, { vectors: others, size });
  expect(tf.memory().numTensors).toBe(before);
  for (const [a, { index, similarity }] of found.entries()) {
    const all = Array.from({ length: count }, (_, b) => cosine(a, b));
    expect(index).toBe(all.indexOf(Math.max(...all)));
    expect(similarity).toBeCloseTo(Math.max(...all), 4);
  }
  expect(found[2]!.index).toBe(11);
  expect(found[2]!.similarity).toBeCloseTo(1, 5);
});

it('finds equal images among long vectors, and among images that are all equal', async () => {
  const random = createRandom(4, 'nearest');
  const size = 3000;
  const vectors = Float32Array.from({ length: 4 * size }, () => random.normal());
  const found = await nearestImages({ vectors: vectors.slice(2 * size), size }, { vectors, size });
  expect(found.map(({ index }) => index)).toEqual([2, 3]);
  const same = { vectors: new Float32Array(12).fill(2), size: 4 };
  expect((await nearestImages(same, same)).every(({ similarity }) => similarity <= 1)).toBe(true);
});
