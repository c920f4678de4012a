import { useEngine } from '@fixres/engine';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { hasDropout, stepSeed, unseededLayers, withSeededDropout } from './seeded-dropout.ts';

const nested = (): LayersModel =>
  sequential({
    layers: [
      sequential({ layers: [layers.dropout({ rate: 0.25, inputShape: [4000], name: 'inner' })] }),
      layers.dropout({ rate: 0.5, name: 'outer' }),
    ],
  });

for (const engine of ['tensorflow', 'wasm', 'cpu'] as const)
  describe(`withSeededDropout on ${engine}`, onEngine(engine), () => {
    it('drops values depending only on the seed and the position, keeps the mean, and restores layers and tensors', async () => {
      await useEngine({ engine });
      const model = nested();
      const ones = tf.ones([1, 4000]);
      const before = tf.memory().numTensors;
      const run = (seed: number): number[] =>
        tf.tidy(() =>
          Array.from(
            withSeededDropout(
              model,
              tf.tensor1d([seed], 'int32'),
              () => model.apply(ones, { training: true }) as tf.Tensor,
            ).dataSync(),
          ),
        );
      const first = run(stepSeed(0, 0));
      expect(run(stepSeed(0, 0))).toEqual(first);
      expect(run(stepSeed(0, 1))).not.toEqual(first);
      expect(run(stepSeed(1, 0))).not.toEqual(first);
      // Values that neither layer dropped are scaled by 1 / 0.75 / 0.5.
      const kept = first.filter((value) => value !== 0);
      expect(new Set(kept.map((value) => value.toFixed(4)))).toEqual(new Set([(8 / 3).toFixed(4)]));
      // 0.375 of 4000, with a standard deviation of 31: the two masks are independent.
      expect(Math.abs(kept.length - 1500)).toBeLessThan(150);
      expect(tf.memory().numTensors).toBe(before);
      expect(model.layers.every((layer) => !Object.hasOwn(layer, 'call'))).toBe(true);
      model.dispose();
    });

    it('passes everything through at a rate of 1, like the layer itself', async () => {
      await useEngine({ engine });
      const model = sequential({ layers: [layers.dropout({ rate: 1, inputShape: [3] })] });
      const result = tf.tidy(() =>
        withSeededDropout(
          model,
          tf.tensor1d([1], 'int32'),
          () => model.apply(tf.ones([1, 3]), { training: true }) as tf.Tensor,
        ).dataSync(),
      );
      expect(Array.from(result)).toEqual([1, 1, 1]);
      model.dispose();
    });

    it('passes everything through in inference', async () => {
      await useEngine({ engine });
      const model = nested();
      const result = tf.tidy(() =>
        withSeededDropout(
          model,
          tf.tensor1d([1], 'int32'),
          () => model.apply(tf.ones([1, 4000])) as tf.Tensor,
        ).dataSync(),
      );
      expect(result.every((value) => value === 1)).toBe(true);
      model.dispose();
    });
  });

it('reports which models use dropout, and which layers have other noise', () => {
  const model = nested();
  expect([hasDropout(model), unseededLayers(model)]).toEqual([true, []]);
  const noisy = sequential({
    layers: [
      layers.gaussianNoise({ stddev: 1, inputShape: [2], name: 'noise' }),
      layers.dropout({ rate: 0 }),
    ],
  });
  expect([hasDropout(noisy), unseededLayers(noisy)]).toEqual([false, ['"noise" (GaussianNoise)']]);
});
