import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gap, labels, nestedModel, residualModel, scramble, wave } from '../../test/models.ts';
import type { FreezePolicyName } from '../freeze-policy-names.ts';
import { applyFreezePolicy, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import type { FreezePolicy } from '../freezing/freeze-policy.ts';
import { FeatureCache } from './feature-cache.ts';
import { decodeRecord, encodeRecord, recordBytes, type RecordLayout } from './feature-record.ts';
import { memoryStore } from './memory-store.ts';
import { noPlan, planFeatures } from './plan-features.ts';
import { type FeatureForm, type FeatureSplit, splitFeatures } from './split-features.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A trunk whose last norm is immediately averaged over positions, so moments are enough. */
function averagedModel(options: { scale?: boolean; center?: boolean } = {}): tfl.LayersModel {
  const { conv2d, batchNormalization, globalAveragePooling2d, dense, reLU } = tfl.layers;
  const model = tfl.sequential({
    layers: [
      conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], name: 'conv1' }),
      batchNormalization({ name: 'bn1' }),
      reLU({ name: 'relu1' }),
      conv2d({ filters: 5, kernelSize: 3, name: 'conv2' }),
      batchNormalization({ name: 'bn2', ...options }),
      globalAveragePooling2d({ dataFormat: 'channelsLast', name: 'pool' }),
      dense({ units: 4, activation: 'tanh', name: 'hidden' }),
      dense({ units: 3, activation: 'softmax', name: 'logits' }),
    ],
  });
  scramble(model);
  return model;
}

function splitOf(handle: FreezeHandle): FeatureSplit {
  const split = splitFeatures(handle);
  if (split === null) throw new Error('there is no cut');
  return split;
}

const count = 10;
const batches = [
  [3, 1, 7, 0],
  [9, 2, 5, 4],
  [8, 6],
  [1, 0, 2, 3],
  [9, 8, 7, 1],
];

/** Trains a few steps; `output` returns the model's output for the examples of a batch. */
async function train(
  handle: FreezeHandle,
  output: (batch: number[]) => Promise<() => tf.Tensor>,
): Promise<void> {
  const y = labels(count, 3);
  const optimizer = tf.train.momentum(0.1, 0.9);
  for (const batch of batches) {
    const run = await output(batch);
    const target = tf.gather(y, batch);
    const loss = (): tf.Scalar => tf.neg(tf.mean(tf.sum(tf.mul(target, tf.log(run())), -1)));
    tf.tidy(() => void optimizer.minimize(loss, false, handle.gradientVariables));
    target.dispose();
  }
  optimizer.dispose();
  y.dispose();
}

/**
 * Trains one model on images and its twin on cached features. Returns the largest relative
 * difference of their weights.
 */
async function trainBothWays(
  create: () => tfl.LayersModel,
  policy: FreezePolicy | FreezePolicyName,
  precision: 'full' | 'half' = 'full',
): Promise<{ form: FeatureForm; difference: number; moved: number }> {
  const x = wave([count, 6, 6, 2]);
  const whole = await applyFreezePolicy(create(), policy);
  await train(whole, (batch) => {
    const images = tf.gather(x, batch);
    return Promise.resolve(() => whole.model.apply(images, { training: true }) as tf.Tensor);
  });

  const cached = await applyFreezePolicy(create(), policy);
  const split = splitOf(cached);
  const plan = planFeatures(split, {
    inputShape: [6, 6, 2],
    views: count,
    budget: { memoryBytes: 1e6, diskBytes: 0 },
    precision,
  });
  expect(plan).toMatchObject({ where: 'memory', form: split.form, exact: precision === 'full' });
  const length = tf.util.sizeFromShape([...plan.shape]);
  const cache = new FeatureCache(split, memoryStore({ precision, length }), plan.shape);
  const trunk = x.clone();
  for (let from = 0; from < count; from += 3) {
    const views = Array.from({ length: Math.min(3, count - from) }, (_, i) => from + i);
    await cache.add(views, tf.gather(trunk, views));
  }
  await train(cached, async (batch) => {
    const into = new Float32Array(batch.length * length);
    expect(await cache.read(batch, into)).toEqual([]);
    const features = tf.tensor(into, [batch.length, ...plan.shape]);
    return () => split.head(features, { training: true }) as tf.Tensor;
  });
  await cache.dispose();

  expect((await cached.verify({ strict: true })).changed).toEqual(
    (await whole.verify({ strict: true })).changed,
  );
  const weight = ({ weights }: tfl.LayersModel, name: string): tf.Tensor =>
    weights.find(({ originalName }) => originalName === name)!.read();
  const start = create();
  const names = start.weights.map(({ originalName }) => originalName);
  const largest = (x: tf.Tensor): number => tf.max(tf.abs(x)).dataSync()[0]!;
  const difference = Math.max(
    ...names.map(
      (name) =>
        gap(weight(whole.model, name), weight(cached.model, name)) /
        largest(weight(whole.model, name)),
    ),
  );
  const moved = Math.max(
    ...names.map((name) => gap(weight(whole.model, name), weight(start, name))),
  );
  return { form: split.form, difference, moved };
}

describe('training on cached features', () => {
  const keptStatistics: FreezePolicy = {
    name: 'parameters',
    rules: [
      { match: { role: 'last-norm' }, mode: 'parameters-only' },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  };
  const cases: [string, () => tfl.LayersModel, FreezePolicy | FreezePolicyName, FeatureForm][] = [
    ['a residual network, gamma and beta train', residualModel, 'classifier+last-bn', 'maps'],
    ['a residual network, statistics only', residualModel, 'classifier+last-bn-stats', 'maps'],
    ['a residual network, the classifier alone', residualModel, 'classifier', 'vectors'],
    ['a nested trunk, a norm after its vectors', nestedModel, 'classifier+last-bn', 'vectors'],
    ['an averaged norm, statistics only', averagedModel, 'classifier+last-bn-stats', 'moments'],
    ['an averaged norm that trains', averagedModel, 'classifier+last-bn', 'moments'],
    ['a norm with kept statistics', residualModel, keptStatistics, 'maps'],
    ['an averaged norm with kept statistics', averagedModel, keptStatistics, 'moments'],
  ];
  it.each(cases)(
    'yields the same weights as training on images: %s',
    async (_, create, policy, form) => {
      const result = await trainBothWays(create, policy);
      expect(result.form).toBe(form);
      expect(result.difference).toBeLessThan(1e-5);
      expect(result.moved).toBeGreaterThan(0.01);
    },
  );

  it('yields nearly the same weights in half precision', async () => {
    for (const [create, policy] of [
      [residualModel, 'classifier+last-bn'],
      [averagedModel, 'classifier+last-bn-stats'],
    ] as const) {
      const { difference } = await trainBothWays(create, policy, 'half');
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThan(2e-3);
    }
  });

  it('caches moments only if they are enough', async () => {
    const form = async (
      model: tfl.LayersModel,
      policy: FreezePolicyName = 'classifier+last-bn',
    ): Promise<FeatureForm> => splitOf(await applyFreezePolicy(model, policy)).form;
    expect(
      await form(averagedModel({ scale: false, center: false }), 'classifier+last-bn-stats'),
    ).toBe('moments');
    expect(await form(averagedModel(), 'classifier')).toBe('vectors');
    // A second use of the norm's input needs the maps.
    const input = tfl.input({ shape: [6, 6, 2] });
    const maps = tfl.layers
      .conv2d({ filters: 2, kernelSize: 3, name: 'conv' })
      .apply(input) as tfl.SymbolicTensor;
    const norm = tfl.layers.batchNormalization({ name: 'norm' }).apply(maps) as tfl.SymbolicTensor;
    const pooled = [norm, maps].map(
      (x) =>
        tfl.layers
          .globalAveragePooling2d({ dataFormat: 'channelsLast' })
          .apply(x) as tfl.SymbolicTensor,
    );
    const joined = tfl.layers.concatenate().apply(pooled);
    const output = tfl.layers
      .dense({ units: 3, activation: 'softmax' })
      .apply(joined) as tfl.SymbolicTensor;
    expect(await form(tfl.model({ inputs: input, outputs: output }))).toBe('maps');
  });

  it('predicts the same as the whole model, also from moments, and leaves no tensor', async () => {
    for (const create of [averagedModel, residualModel]) {
      const handle = await applyFreezePolicy(create(), 'classifier+last-bn');
      const split = splitOf(handle);
      const x = wave([5, 6, 6, 2]);
      const before = tf.memory().numTensors;
      const features = split.features(x);
      const output = split.head(features, { training: false }) as tf.Tensor;
      expect(tf.memory().numTensors).toBe(before + 2);
      expect(gap(output, handle.model.apply(x, { training: false }) as tf.Tensor)).toBeLessThan(
        1e-6,
      );
    }
  });
});

describe('planFeatures', () => {
  const plan = async (
    policy: FreezePolicyName,
    budget: { memoryBytes: number; diskBytes: number },
    precision?: 'full' | 'half',
  ) => {
    const handle = await applyFreezePolicy(residualModel(), policy);
    const before = tf.memory().numTensors;
    const result = planFeatures(splitFeatures(handle), {
      inputShape: [6, 6, 2],
      views: 100,
      budget,
      ...(precision ? { precision } : {}),
    });
    expect(tf.memory().numTensors).toBe(before);
    return result;
  };
  // 6 x 6 x 4 numbers and an 8-byte header per view.
  const full = 100 * (144 * 4 + 8);

  it('prefers memory to disk, always uses full precision, and explains its choice', async () => {
    expect(await plan('classifier+last-bn', { memoryBytes: full, diskBytes: 1e9 })).toEqual({
      where: 'memory',
      form: 'maps',
      cut: 'b2_add',
      shape: [6, 6, 4],
      views: 100,
      precision: 'full',
      bytes: full,
      exact: true,
      explanation:
        'The frozen layers up to b2_add run once per view: feature maps [6, 6, 4] of 100 views, 58.4 kB in full precision, are cached in memory.',
    });
    const disk = await plan('classifier+last-bn', { memoryBytes: full - 1, diskBytes: full });
    expect(disk.where).toBe('disk');
    expect(disk.explanation).toContain('are cached on disk (58.4 kB of memory is not enough)');
    const nowhere = await plan('classifier+last-bn', { memoryBytes: full - 1, diskBytes: 0 });
    expect(nowhere).toMatchObject({ where: 'nowhere', bytes: full });
    expect(nowhere.explanation).toContain(
      'exceed the allowed 58.4 kB of memory and 0 bytes of disk. Half precision would take 29.6 kB, but is not exact.',
    );
    const half = await plan('classifier+last-bn', { memoryBytes: full - 1, diskBytes: 0 }, 'half');
    expect(half).toMatchObject({ where: 'memory', exact: false });
    expect(half.explanation).toContain('results differ slightly');
  });

  it('caches nothing without a trunk', async () => {
    const all = await plan('all', { memoryBytes: 1e9, diskBytes: 0 });
    expect(all).toEqual(
      noPlan(
        100,
        'The model has no frozen trunk that ends in a single tensor, so every epoch runs all of it.',
      ),
    );
  });

  it('rejects invalid numbers', async () => {
    await expect(plan('classifier', { memoryBytes: -1, diskBytes: 0 })).rejects.toMatchObject({
      code: 'bad-cache',
      message: 'memoryBytes: received -1; allowed is a number of at least 0',
    });
    await expect(plan('classifier', { memoryBytes: 0, diskBytes: NaN })).rejects.toMatchObject({
      code: 'bad-cache',
    });
  });
});

describe('feature records', () => {
  it('keep full precision to the bit, and half precision to 11 bits of the number at any magnitude', () => {
    const numbers = fc.array(fc.float({ noNaN: true, min: -(2 ** 127), max: 2 ** 127 }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(numbers, (given) => {
        const values = Float32Array.from(given);
        const roundTrip = (layout: RecordLayout): Float32Array => {
          const record = new Uint8Array(recordBytes(layout));
          encodeRecord(layout, values, record);
          const into = new Float32Array(values.length);
          decodeRecord(layout, record, into);
          return into;
        };
        expect(roundTrip({ precision: 'full', length: values.length })).toEqual(values);
        const largest = Math.max(...values.map(Math.abs));
        const half = roundTrip({ precision: 'half', length: values.length });
        // Below 2^-29 of the largest number the steps stay the same.
        values.forEach((value, i) => {
          expect(Math.abs(half[i]! - value)).toBeLessThanOrEqual(
            Math.max(Math.abs(value) * 2 ** -11, largest * 2 ** -39, 2 ** -112),
          );
        });
      }),
    );
  });

  it('keep bfloat16 numbers to the bit in two bytes, and refuse others', () => {
    // The upper two bytes of a number in single precision.
    const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(words, (given) => {
        const bits = Uint32Array.from(given, (word) => word << 16);
        const layout: RecordLayout = { precision: 'bfloat16', length: given.length };
        const record = new Uint8Array(recordBytes(layout));
        encodeRecord(layout, new Float32Array(bits.buffer), record);
        const into = new Float32Array(given.length);
        decodeRecord(layout, record, into);
        expect(new Uint32Array(into.buffer)).toEqual(bits);
      }),
    );
    const layout: RecordLayout = { precision: 'bfloat16', length: 2 };
    const record = new Uint8Array(recordBytes(layout));
    expect(record.length).toBe(16);
    expect(() => {
      encodeRecord(layout, Float32Array.of(1, 1.001), record);
    }).toThrow('features: received 1.00');
  });

  it('preserve values that are not finite', () => {
    const layout: RecordLayout = { precision: 'half', length: 3 };
    const record = new Uint8Array(recordBytes(layout));
    encodeRecord(layout, Float32Array.of(Infinity, 1, NaN), record);
    const into = new Float32Array(3);
    decodeRecord(layout, record, into);
    expect(into).toEqual(Float32Array.of(Infinity, 1, NaN));
  });
});
