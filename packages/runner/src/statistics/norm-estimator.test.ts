// @module-tag native-engine
import { resize, resizeFlip } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { Adam, createModel } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { type layers, type LayersModel, model as makeModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { viewImages } from '../../test/view-images.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { createCompiledForward } from '../node/compiled/compiled-factories.ts';
import { compileTrainer } from '../node/compiled/compile-trainer.ts';
import { FOLLOWING } from './following-norms.ts';
import { NormEstimator, type NormEstimatorOptions } from './norm-estimator.ts';

const STEPS = 40;
const BATCH = 32;
const SIZE = 48;
const policy = resizeFlip(SIZE);

let model: LayersModel;
let handle: FreezeHandle;
const train = viewImages(270, 1);

/**
 * ResNet14V2 after so few steps that its running statistics are still mostly their initial values.
 */
beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
  model = createModel('resnet14v2', { classes: 2, width: 8, seed: 0 });
  handle = await applyFreezePolicy(model, 'all');
  const optimizer = new Adam();
  const trainer = compileTrainer(model, handle, optimizer, { size: SIZE, batchSizes: [BATCH] });
  let steps = 0;
  for (let epoch = 0; steps < STEPS; epoch++) {
    for await (const batch of train.batches({
      policy,
      batchSize: BATCH,
      seed: 0,
      epoch,
      shuffle: true,
    })) {
      if (batch.labels.length === BATCH && steps < STEPS) {
        trainer.step(batch, 1e-3);
        steps += 1;
      }
    }
  }
  trainer.dispose();
  optimizer.dispose();
});

afterAll(() => {
  model.dispose();
});

function estimator(options: Partial<NormEstimatorOptions> = {}): NormEstimator {
  return new NormEstimator({
    arm: 'small',
    model,
    handle,
    modes: FOLLOWING,
    source: train,
    split: undefined,
    policy,
    batchSize: BATCH,
    seed: 0,
    epoch: 5,
    createForward: createCompiledForward,
    onWarning: (message) => {
      throw new Error(message);
    },
    signal: undefined,
    cluster: undefined,
    ...options,
  });
}

const pass = {
  images: 270,
  precision: 'float32',
  onBatch: () => undefined,
  when: 'After epoch 5',
} as const;

const norms = (): layers.Layer[] =>
  model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');

interface Statistics {
  mean: Float32Array;
  variance: Float32Array;
}

function statisticsOf(layer: layers.Layer): Statistics {
  const valuesOf = (name: string): Float32Array =>
    layer.weights
      .find(({ originalName }) => originalName.endsWith(name))!
      .read()
      .dataSync<'float32'>()
      .slice();
  return { mean: valuesOf('moving_mean'), variance: valuesOf('moving_variance') };
}

function setStatistics(layer: layers.Layer, { mean, variance }: Statistics): void {
  for (const [name, values] of [
    ['moving_mean', mean],
    ['moving_variance', variance],
  ] as const) {
    const variable = layer.weights.find(({ originalName }) => originalName.endsWith(name))!;
    tf.tidy(() => {
      variable.write(tf.tensor1d(values));
    });
  }
}

/**
 * The distance between two sets of statistics: of the means and of the standard deviations, both
 * relative to the true standard deviation, as the root mean square over channels.
 */
function distance(one: Statistics, truth: Statistics): { mean: number; deviation: number } {
  const rms = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const deviations = truth.variance.map(Math.sqrt);
  const difference = (a: Float32Array, b: Float32Array): Float32Array =>
    a.map((value, i) => value - b[i]!);
  return {
    mean: rms(difference(one.mean, truth.mean)) / rms(deviations),
    deviation: rms(difference(one.variance.map(Math.sqrt), deviations)) / rms(deviations),
  };
}

/**
 * The statistics by definition, and a model that uses them: layer by layer, mean and variance of
 * all input values of a norm over all images, with earlier norms in inference mode. One pass per
 * norm, in double precision.
 */
async function exactStatistics(): Promise<Map<layers.Layer, Statistics>> {
  const result = new Map<layers.Layer, Statistics>();
  for (const norm of norms()) {
    const before = makeModel({ inputs: model.inputs, outputs: norm.input });
    const channels = norm.weights[0]!.read().size;
    const sum = new Float64Array(channels);
    const squares = new Float64Array(channels);
    let count = 0;
    for await (const batch of train.batches({
      policy,
      batchSize: BATCH,
      seed: 0,
      epoch: 5,
      shuffle: true,
    })) {
      if (batch.labels.length < BATCH) continue;
      const output = tf.tidy(
        () => before.apply(imageTensor(batch), { training: false }) as tf.Tensor,
      );
      // Outside of tidy, which looks for tensors among the values it returns, one by one.
      const values = output.dataSync<'float32'>();
      output.dispose();
      for (let i = 0; i < values.length; i++) {
        sum[i % channels]! += values[i]!;
        squares[i % channels]! += values[i]! ** 2;
      }
      count += values.length / channels;
    }
    const mean = sum.map((value) => value / count);
    const statistics = {
      mean: Float32Array.from(mean),
      variance: Float32Array.from(squares, (value, i) => value / count - mean[i]! ** 2),
    };
    setStatistics(norm, statistics);
    result.set(norm, statistics);
  }
  return result;
}

/**
 * Fraction of the training images classified correctly in inference mode. Training images, because
 * more images mean less noise.
 */
async function accuracy(): Promise<number> {
  const { correct } = await evaluate(model, train, { policy: resize(SIZE), batchSize: 50 });
  return correct.reduce((sum, one) => sum + one, 0) / correct.length;
}

function restoreAfterwards(): void {
  const before = new Map(norms().map((norm) => [norm, statisticsOf(norm)]));
  onTestFinished(() => {
    for (const [norm, statistics] of before) setStatistics(norm, statistics);
  });
}

describe('the statistics of a network after 40 steps', () => {
  it('are estimated to within 2 % of the exact values, and running statistics are far from them', async () => {
    restoreAfterwards();
    const running = new Map(norms().map((norm) => [norm, statisticsOf(norm)]));
    const tensors = tf.memory().numTensors;
    const precise = estimator();
    // 8 whole batches of 270 images.
    expect(await precise.estimate(pass)).toBe(256);
    precise.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    const estimated = new Map(norms().map((norm) => [norm, statisticsOf(norm)]));
    const exact = await exactStatistics();
    expect(exact.size).toBe(13);
    for (const [i, [norm, truth]] of [...exact].entries()) {
      const { mean, deviation } = distance(estimated.get(norm)!, truth);
      // No norm precedes the first one, so its input is the same as in the exact computation.
      expect(mean, norm.name).toBeLessThan(i === 0 ? 1e-5 : 0.02);
      expect(deviation, norm.name).toBeLessThan(i === 0 ? 1e-5 : 0.02);
      expect(distance(running.get(norm)!, truth).deviation, norm.name).toBeGreaterThan(0.1);
    }
  });

  it('make the same weights accurate when re-estimated, and change little when estimated again', async () => {
    restoreAfterwards();
    const lagging = await accuracy();
    const precise = estimator();
    const few = estimator({ epoch: 7 });
    await precise.estimate(pass);
    const estimated = await accuracy();
    // Other views of the images, in another order.
    const other = estimator({ epoch: 6 });
    await other.estimate(pass);
    const again = await accuracy();
    await few.estimate({ ...pass, images: 128 });
    const fromFew = await accuracy();
    for (const each of [precise, other, few]) each.dispose();
    expect(estimated).toBeGreaterThan(lagging + 0.2);
    expect(Math.abs(again - estimated)).toBeLessThan(0.02);
    expect(Math.abs(fromFew - estimated)).toBeLessThan(0.05);
  });

  it('are the same kernel by kernel, and on wasm', async () => {
    restoreAfterwards();
    const estimate = async (
      options: Partial<NormEstimatorOptions>,
    ): Promise<Map<string, Statistics>> => {
      const some = estimator(options);
      await some.estimate({ ...pass, images: 64 });
      some.dispose();
      return new Map(norms().map((norm) => [norm.name, statisticsOf(norm)]));
    };
    const compiled = await estimate({});
    const eager = await estimate({ createForward: undefined });
    await useEngine({ engine: 'wasm' });
    const tensors = tf.memory().numTensors;
    const onWasm = await estimate({});
    expect(tf.memory().numTensors).toBe(tensors);
    await useEngine({ engine: 'tensorflow' });
    for (const [name, truth] of compiled) {
      for (const other of [eager, onWasm]) {
        const { mean, deviation } = distance(other.get(name)!, truth);
        expect(mean, name).toBeLessThan(1e-4);
        expect(deviation, name).toBeLessThan(1e-4);
      }
    }
  });

  it('are unchanged if a policy freezes them, or if an estimate is aborted or fails', async () => {
    restoreAfterwards();
    const before = norms().map(statisticsOf);
    const controller = new AbortController();
    const stopped = estimator({ signal: controller.signal });
    const onBatch = (images: number): void => {
      if (images > BATCH) controller.abort(new Error('enough'));
    };
    await expect(stopped.estimate({ ...pass, onBatch })).rejects.toThrow('enough');
    stopped.dispose();
    expect(norms().map(statisticsOf)).toEqual(before);

    const partly = await applyFreezePolicy(model, 'classifier+last-bn');
    const last = estimator({ handle: partly });
    expect(last.norms.map(({ path }) => path)).toEqual(['post_bn']);
    await last.estimate({ ...pass, images: 64 });
    last.dispose();
    expect((await partly.verify({ strict: true })).changed).toEqual([
      'post_bn/moving_mean',
      'post_bn/moving_variance',
    ]);
    handle = await applyFreezePolicy(model, 'all');
  });
});
