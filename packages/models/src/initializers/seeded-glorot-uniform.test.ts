import * as tf from '@tensorflow/tfjs-core';
import { input, layers, loadLayersModel, model } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { setEngine } from '../../test/support/engines.ts';
import { seededGlorotUniform } from './seeded-glorot-uniform.ts';
import { layerSeed } from './seeded-uniform.ts';

beforeAll(() => setEngine('cpu'));

const draw = (seed: number, name: string, shape: number[]): Float32Array =>
  tf.tidy(() => seededGlorotUniform(seed, name).apply(shape).dataSync<'float32'>());

describe('seededGlorotUniform', () => {
  it('is uniform within the limits of Keras', () => {
    const shape = [3, 3, 64, 128];
    const limit = Math.sqrt(6 / (9 * (64 + 128)));
    const values = draw(0, 'conv', shape);
    let [sum, squares, lowest, highest] = [0, 0, Infinity, -Infinity];
    const bins = new Array<number>(16).fill(0);
    let serial = 0;
    values.forEach((value, i) => {
      sum += value;
      squares += value * value;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
      const bin = Math.floor(((value + limit) / (2 * limit)) * 16);
      bins[bin] = bins[bin]! + 1;
      serial += value * (values[i + 1] ?? 0);
    });
    const n = values.length;
    const variance = limit ** 2 / 3;
    // Each bound is five standard errors. The draw is fixed, so the test cannot be flaky.
    expect(Math.abs(sum / n)).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(squares / n / variance - 1)).toBeLessThan(5 * Math.sqrt(0.8 / n));
    expect(Math.abs(serial / n / variance)).toBeLessThan(5 / Math.sqrt(n));
    expect(lowest).toBeGreaterThanOrEqual(-limit);
    expect(highest).toBeLessThan(limit);
    expect(highest - lowest).toBeGreaterThan(2 * limit * 0.9999);
    const chiSquare = bins.reduce((total, count) => total + (count - n / 16) ** 2 / (n / 16), 0);
    expect(chiSquare).toBeLessThan(15 + 5 * Math.sqrt(30));
  });

  it('computes the fans of a dense kernel', () => {
    const highest = draw(1, 'dense', [300, 100]).reduce((a, b) => Math.max(a, b));
    expect(highest).toBeGreaterThan(0.999 * Math.sqrt(6 / 400));
    expect(highest).toBeLessThan(Math.sqrt(6 / 400));
  });

  it('is reproducible, and differs by seed and by layer; seed 0 is a seed', () => {
    expect(draw(0, 'a', [8, 8])).toEqual(draw(0, 'a', [8, 8]));
    const sources = [
      [0, 'a'],
      [1, 'a'],
      [0, 'b'],
      [-1, 'a'],
      [2 ** 32, 'a'],
    ] as const;
    const streams = sources.map(([seed, name]) => draw(seed, name, [8, 8]));
    expect(new Set(streams.map((values) => values.join())).size).toBe(streams.length);
  });

  it('is saved as an initializer that tfjs and Keras know', async () => {
    const image = input({ shape: [4] });
    const dense = layers.dense({
      units: 2,
      kernelInitializer: seededGlorotUniform(0, 'dense'),
      name: 'dense',
    });
    const saved = model({ inputs: image, outputs: dense.apply(image) as never });
    const topology = saved.toJSON(null, false) as { config: { layers: { config: object }[] } };
    expect(topology.config.layers[1]?.config).toMatchObject({
      kernel_initializer: {
        class_name: 'VarianceScaling',
        config: { scale: 1, mode: 'fan_avg', distribution: 'uniform', seed: layerSeed(0, 'dense') },
      },
    });
    const loaded = await loadLayersModel(tf.io.fromMemory({ modelTopology: topology }));
    expect(loaded.countParams()).toBe(10);
  });
});

describe('layerSeed', () => {
  it('is a positive 31-bit integer that differs for every layer of a model', () => {
    const seeds = Array.from({ length: 10_000 }, (_, i) => layerSeed(i % 10, `conv${i}`));
    for (const seed of seeds)
      expect(Number.isInteger(seed) && seed >= 1 && seed < 2 ** 31).toBe(true);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
