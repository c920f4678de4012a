// @module-tag native-engine
import {
  fixresFinetune,
  fixresTest,
  type Policy,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
  sidesOf,
} from '@fixres/data';
import { useEngine } from '@fixres/engine';
import {
  applyFreezePolicy,
  type FreezePolicy,
  type FreezePolicyName,
  type RecordLayout,
} from '@fixres/finetune';
import { fileStore } from '@fixres/finetune/node';
import { Adam, resNet14V2 } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ownModel } from '../../test/own-model.ts';
import { type Drawn, viewImages } from '../../test/view-images.ts';
import { eagerTrainer } from '../training/eager-trainer.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { readWeights } from '../training/model-weights.ts';
import type { Precision, StateArrays } from '@fixres/runs';
import type { Trainer } from '../training/trainer.ts';
import { cacheFeatures, type CacheFeaturesResult, type FeatureSettings } from './cache-features.ts';
import { cachedTrainer } from './cached-trainer.ts';
import type { TrunkFactory } from './trunks.ts';

const sizes = { trainSize: 32, size: 48 };
const [trainPolicy, testPolicy] = [fixresFinetune(sizes), fixresTest(sizes)];
const epochs = 3;
const batchSize = 8;

interface Setup {
  model: LayersModel;
  features: CacheFeaturesResult;
  trainer: Trainer;
  train: ImageSource;
  heldOut: ImageSource;
  drawn: Drawn;
  dispose: () => Promise<void>;
}

async function setUp(
  create: () => LayersModel,
  freeze: FreezePolicyName,
  settings: FeatureSettings | undefined,
  policies: [Policy, Policy] = [trainPolicy, testPolicy],
  trunkPrecision: Precision = 'float32',
): Promise<Setup> {
  const drawn = { images: 0, passes: 0 };
  const [train, heldOut] = [viewImages(20, 1, drawn), viewImages(12, 2)];
  const model = create();
  const handle = await applyFreezePolicy(model, freeze);
  const features = await cacheFeatures({
    model,
    handle,
    train,
    heldOut,
    trainPolicy: policies[0],
    testPolicy: policies[1],
    epochs,
    batchSize,
    trunkPrecision,
    settings,
  });
  const optimizer = new Adam();
  const { cached } = features;
  const trainer = cached
    ? cachedTrainer(model, handle, optimizer, cached.split)
    : eagerTrainer(model, handle, optimizer);
  const dispose = async (): Promise<void> => {
    await cached?.dispose();
    trainer.dispose();
    optimizer.dispose();
    handle.restore();
    model.dispose();
  };
  return { model, features, trainer, train: cached?.train ?? train, heldOut, drawn, dispose };
}

interface Outcome {
  losses: number[];
  /** Images and labels of every batch. */
  batches: [number[], number[]][];
  weights: StateArrays;
  heldOut: Float32Array[];
}

async function trainThrough({ model, features, trainer, train, heldOut }: Setup): Promise<Outcome> {
  const outcome: Outcome = { losses: [], batches: [], weights: new Map(), heldOut: [] };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const batch of train.batches({
      policy: trainPolicy,
      batchSize,
      seed: 3,
      epoch,
      shuffle: true,
    })) {
      outcome.batches.push([Array.from(batch.indices), Array.from(batch.labels)]);
      outcome.losses.push(trainer.step(batch, 0.01).loss);
    }
    const kept = features.cached?.heldOut;
    const predictions = await evaluate(kept?.classifier ?? model, kept?.source ?? heldOut, {
      policy: testPolicy,
      batchSize,
    });
    outcome.heldOut.push(predictions.probabilities);
  }
  outcome.weights = await readWeights(model);
  return outcome;
}

/** Numbers without their lower 16 bits, which are bfloat16 numbers. */
function rounded(x: tf.Tensor): tf.Tensor {
  const words = new Uint32Array(Float32Array.from(x.dataSync()).buffer);
  return tf.tensor(new Float32Array(words.map((word) => word & 0xffff0000).buffer), x.shape);
}

/** Largest difference between two weights, relative to the largest value of the first one. */
function difference(a: StateArrays, b: StateArrays): number {
  return Math.max(
    ...Array.from(a, ([name, { values }]) => {
      const [one, other] = [Array.from(values), b.get(name)!.values];
      const largest = Math.max(1e-30, ...one.map(Math.abs));
      return Math.max(...one.map((value, i) => Math.abs(value - other[i]!) / largest));
    }),
  );
}

function gap(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cached-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const resnet = (): LayersModel =>
  resNet14V2({ classes: 2, width: 4, rescaling: { scale: 1 / 127.5, offset: -1 }, seed: 5 });

describe('cached fine-tuning', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'tensorflow' });
  });

  const cases: [string, () => LayersModel, FreezePolicyName, string][] = [
    ['resnet14v2, last norm and classifier', resnet, 'classifier+last-bn', 'maps'],
    ['resnet14v2, last statistics and classifier', resnet, 'classifier+last-bn-stats', 'maps'],
    ['resnet14v2, classifier', resnet, 'classifier', 'vectors'],
    ['a nested trunk with several norms', ownModel, 'classifier+last-bn', 'moments'],
  ];
  it.each(cases)(
    'ends with the weights and predictions of the uncached run: %s',
    async (_, create, freeze, form) => {
      const before = tf.memory().numTensors;
      const uncached = await setUp(create, freeze, { budget: { memoryBytes: 0, diskBytes: 0 } });
      expect(uncached.features.cached).toBeUndefined();
      const expected = await trainThrough(uncached);
      const start = create();
      expect(difference(await readWeights(start), expected.weights)).toBeGreaterThan(0.01);
      start.dispose();

      const cached = await setUp(create, freeze, undefined);
      expect(cached.features.plan).toMatchObject({ where: 'memory', form, views: 40, exact: true });
      const result = await trainThrough(cached);
      expect(result.batches).toEqual(expected.batches);
      expect(difference(expected.weights, result.weights)).toBeLessThan(1e-5);
      expected.losses.forEach((loss, i) =>
        expect(Math.abs(result.losses[i]! - loss)).toBeLessThan(1e-5 * Math.max(1, loss)),
      );
      expected.heldOut.forEach((probabilities, i) =>
        expect(gap(probabilities, result.heldOut[i]!)).toBeLessThan(1e-5),
      );
      // Draws each of at most two views of 20 images once, not once per epoch.
      expect(uncached.drawn.images).toBe(epochs * 20);
      expect(cached.drawn.images).toBeLessThanOrEqual(40);
      await uncached.dispose();
      await cached.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('gives the same result from a file and nearly the same in half precision, and removes the file', async () => {
    const folder = await temporaryFolder();
    const memory = await setUp(resnet, 'classifier+last-bn', undefined);
    const expected = await trainThrough(memory);
    const opened: string[] = [];
    const openFile = (name: string, layout: RecordLayout): ReturnType<typeof fileStore> => {
      opened.push(name);
      return fileStore({ file: join(folder, name), ...layout });
    };
    const disk = await setUp(resnet, 'classifier+last-bn', {
      budget: { memoryBytes: 100, diskBytes: 1e9 },
      openFile,
    });
    expect(disk.features.plan.where).toBe('disk');
    const result = await trainThrough(disk);
    expect(opened).toEqual(['train', 'held-out']);
    expect(result.losses).toEqual(expected.losses);
    expect(difference(expected.weights, result.weights)).toBe(0);

    const half = await setUp(resnet, 'classifier+last-bn', {
      budget: { memoryBytes: 0, diskBytes: 1e9 },
      openFile,
      precision: 'half',
    });
    expect(half.features.plan.exact).toBe(false);
    const rounded = difference(expected.weights, (await trainThrough(half)).weights);
    expect(rounded).toBeGreaterThan(0);
    expect(rounded).toBeLessThan(0.01);
    expect(await readdir(folder)).toEqual([]);
    for (const { dispose } of [memory, disk, half]) await dispose();
  });

  describe('a store that loses records', () => {
    const lossesOf = async ({ train, trainer }: Setup): Promise<number[]> => {
      const losses: number[] = [];
      for await (const batch of train.batches({
        policy: trainPolicy,
        batchSize,
        seed: 0,
        epoch: 0,
        shuffle: true,
      }))
        losses.push(trainer.step(batch, 0).loss);
      return losses;
    };

    it('computes them again from the images', async () => {
      const folder = await temporaryFolder();
      const openFile = (name: string, layout: RecordLayout): ReturnType<typeof fileStore> =>
        fileStore({ file: join(folder, name), key: 'k', ...layout });
      const cached = await setUp(resnet, 'classifier', {
        budget: { memoryBytes: 0, diskBytes: 1e9 },
        openFile,
      });
      const whole = await lossesOf(cached);
      const before = cached.drawn.images;
      const file = await open(join(folder, 'train'), 'r+');
      // Both views of the first three images.
      const bytes = 6 * (128 * 4 + 8);
      await file.write(Buffer.alloc(bytes, 7), 0, bytes, 4096);
      await file.close();
      expect(await lossesOf(cached)).toEqual(whole);
      expect(cached.drawn.images - before).toBe(3);
      await cached.dispose();
    });

    it('fails if it loses them immediately', async () => {
      const memory = {
        has: () => false,
        read: () => Promise.resolve(false),
        write: () => Promise.resolve(),
        dispose: () => Promise.resolve(),
      };
      const kept = new Set<number>();
      const store = {
        ...memory,
        has: (view: number) => kept.has(view),
        write: (view: number) => Promise.resolve(void kept.add(view)),
      };
      const cached = await setUp(resnet, 'classifier', {
        budget: { memoryBytes: 0, diskBytes: 1e9 },
        openFile: () => Promise.resolve(store),
      });
      await expect(lossesOf(cached)).rejects.toMatchObject({ code: 'features-lost' });
      await cached.dispose();
    });
  });

  it('resumes in the middle of an epoch like the uncached source', async () => {
    const cached = await setUp(resnet, 'classifier', undefined);
    const raw = viewImages(20, 1);
    const pass = { policy: trainPolicy, batchSize, seed: 3, epoch: 2, shuffle: true, position: 16 };
    const indicesOf = async (source: ImageSource): Promise<number[][]> => {
      const all: number[][] = [];
      for await (const { indices, features, pixels } of source.batches(pass)) {
        all.push(Array.from(indices));
        expect(features ? features.values.length : pixels.length).toBeGreaterThan(0);
      }
      return all;
    };
    expect(await indicesOf(cached.train)).toEqual(await indicesOf(raw));
    // Four images are left. Each of their two views is drawn, with others that fill up the batch.
    expect(cached.drawn.images).toBeLessThanOrEqual(16);
    await cached.dispose();
  });

  it('stops when aborted, in the trunk and between cached batches, and leaks no tensor', async () => {
    const cached = await setUp(resnet, 'classifier', undefined);
    const before = tf.memory().numTensors;
    const consume = async (signal: AbortSignal, onBatch: () => void): Promise<ImageBatch[]> => {
      const batches: ImageBatch[] = [];
      for await (const batch of cached.train.batches({
        policy: trainPolicy,
        batchSize,
        seed: 0,
        epoch: 0,
        shuffle: true,
        signal,
      })) {
        batches.push(batch);
        onBatch();
      }
      return batches;
    };
    const first = new AbortController();
    await expect(consume(first.signal, () => first.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    expect(cached.drawn.images).toBeLessThan(40);
    await expect(consume(new AbortController().signal, () => undefined)).resolves.toHaveLength(3);
    const again = new AbortController();
    await expect(consume(again.signal, () => again.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    expect(tf.memory().numTensors).toBe(before);
    await cached.dispose();
  });

  it('uses a faster trunk if available', async () => {
    const disposed: string[] = [];
    const cached = await setUp(resnet, 'classifier', {
      createTrunk: (split, { batchSize: images, size, precision }) => {
        expect([images, sidesOf(size), precision]).toEqual([
          batchSize,
          { height: 48, width: 48 },
          'float32',
        ]);
        return {
          features: (x) => tf.tidy(() => tf.mul(split.features(x), 0)),
          precision,
          dispose: () => disposed.push('trunk'),
        };
      },
    });
    for await (const { features } of cached.train.batches({
      policy: trainPolicy,
      batchSize,
      seed: 0,
      epoch: 0,
      shuffle: false,
    })) {
      expect(features!.values.every((value) => value === 0)).toBe(true);
    }
    await cached.dispose();
    // Training and held-out images have the same size, so one trunk serves both.
    expect(disposed).toEqual(['trunk']);
  });

  it('computes training features in the precision of the training, and held-out features in float32', async () => {
    const asked: string[] = [];
    const [train, heldOut] = [viewImages(20, 1), viewImages(12, 2)];
    const model = resnet();
    const handle = await applyFreezePolicy(model, 'classifier');
    const createTrunk: TrunkFactory = (split, { precision }) => {
      asked.push(precision);
      return {
        features: (x) => split.features(x),
        precision: 'float32',
        dispose: () => undefined,
      };
    };
    const { cached } = await cacheFeatures({
      model,
      handle,
      train,
      heldOut,
      trainPolicy,
      testPolicy,
      epochs,
      batchSize,
      trunkPrecision: 'bfloat16',
      settings: { createTrunk },
    });
    expect(asked).toEqual(['bfloat16', 'float32']);
    await cached!.dispose();
    handle.restore();
    model.dispose();
  });

  it('caches the features of a trunk in bfloat16 exactly in half of the bytes', async () => {
    const bytes: number[] = [];
    const losses: number[][] = [];
    for (const precision of ['float32', 'bfloat16'] as const) {
      const createTrunk: TrunkFactory = (split) => ({
        // As the native engine computes: numbers with eight digits.
        features: (images) => tf.tidy(() => rounded(split.features(images))),
        precision,
        dispose: () => undefined,
      });
      const policies: [Policy, Policy] = [trainPolicy, testPolicy];
      const settings = { createTrunk };
      const setup = await setUp(resnet, 'classifier+last-bn', settings, policies, 'bfloat16');
      bytes.push(setup.features.plan.bytes);
      expect(setup.features.plan).toMatchObject({ precision: 'full', exact: true });
      losses.push((await trainThrough(setup)).losses);
      await setup.dispose();
    }
    expect(losses[1]).toEqual(losses[0]);
    expect(bytes[1]! / bytes[0]!).toBeLessThan(0.51);
  });

  it('explains why nothing is cached', async () => {
    const explanation = async (
      freeze: FreezePolicyName | FreezePolicy,
      overrides: Partial<Parameters<typeof cacheFeatures>[0]> = {},
    ): Promise<string> => {
      const model = resnet();
      const handle = await applyFreezePolicy(model, freeze);
      const [train, heldOut] = [viewImages(20, 1), viewImages(12, 2)];
      const options = {
        model,
        handle,
        train,
        heldOut,
        trainPolicy,
        testPolicy,
        epochs,
        batchSize,
        settings: undefined,
        ...overrides,
      };
      const { plan, cached } = await cacheFeatures(options);
      expect(cached).toBeUndefined();
      expect(plan.where).toBe('nowhere');
      model.dispose();
      return plan.explanation;
    };
    expect(await explanation('all')).toBe(
      'Nothing is frozen, so every epoch changes all features.',
    );
    expect(await explanation('classifier', { trainPolicy: sampledBoundingBoxCrop(48) })).toContain(
      '"sampledBoundingBoxCrop" shows a different view in every epoch',
    );
    expect(await explanation('classifier', { epochs: 1 })).toContain(
      'With one epoch no view is seen twice',
    );
    expect(await explanation('classifier', { mix: { mixup: 0.2 } })).toContain(
      'Mixed images differ in every epoch',
    );
    const source = viewImages(20, 1);
    expect(
      await explanation('classifier', {
        train: { size: 20, batches: (options) => source.batches(options) },
      }),
    ).toContain('cannot be read one by one');
    expect(
      await explanation({
        name: 'first',
        rules: [{ match: { layer: 'conv1_conv' }, mode: 'train' }],
        otherwise: 'freeze',
      }),
    ).toContain('no frozen trunk');
    const tight = { budget: { memoryBytes: 1000, diskBytes: 1e9 } };
    expect(await explanation('classifier', { settings: tight })).toContain(
      'exceed the allowed 1 kB of memory and 0 bytes of disk',
    );
  });

  it('caches held-out images only if there is room, including other sizes than those of training', async () => {
    const tight = await setUp(resnet, 'classifier', {
      budget: { memoryBytes: 40 * (128 * 4 + 8) + 11 * (128 * 4 + 8), diskBytes: 0 },
    });
    expect(tight.features.cached?.heldOut).toBeUndefined();
    const other = await setUp(resnet, 'classifier+last-bn', undefined, [
      resizeFlip(32),
      resize(64),
    ]);
    const kept = other.features.cached!.heldOut!;
    const options = { policy: resize(64), batchSize };
    const expected = await evaluate(other.model, other.heldOut, options);
    expect(
      gap(
        (await evaluate(kept.classifier, kept.source, options)).probabilities,
        expected.probabilities,
      ),
    ).toBeLessThan(1e-6);
    for (const { dispose } of [tight, other]) await dispose();
  });
});
