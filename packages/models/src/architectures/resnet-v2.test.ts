// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model as functional } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { norm, relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { images, initialWeight } from '../../test/support/fill.ts';
import { architectureFixtures, trainingFixture } from '../../test/support/fixtures.ts';
import { variableOf } from '../../test/support/variables.ts';
import { applyLogits } from '../apply-logits.ts';
import { createModel } from './create-model.ts';
import { sparseSoftmaxCrossEntropy } from '../kernels/sparse-softmax-cross-entropy.ts';
import { Adam } from '../optimizers/adam.ts';
import { resNet14V2, resNet26V2, resNet50V2, resNetV2 } from './resnet-v2.ts';

beforeAll(() => setEngine('tensorflow'));

/** Every weight by the name that the fixtures use. */
function namedWeights(
  model: LayersModel,
): { key: string; layer: string; name: string; variable: tf.Variable }[] {
  return model.layers.flatMap((layer) =>
    layer.weights.map((weight) => {
      const name = weight.originalName.split('/').at(-1)!;
      return {
        key: `${layer.name}/${name}`,
        layer: layer.name,
        name,
        variable: variableOf(weight),
      };
    }),
  );
}

describe('the architecture equals Keras', () => {
  const expected = architectureFixtures();

  it.each(Object.keys(expected).filter((name) => name.startsWith('resnet')))(
    '%s: names, order, shapes and counts',
    (name) => {
      const model = createModel(name);
      const layers = model.layers.map((layer) => [
        layer.name,
        layer.weights.map((weight) => [weight.originalName.split('/').at(-1), weight.shape]),
      ]);
      expect(layers).toEqual(expected[name]?.layers);
      expect(model.countParams()).toBe(expected[name]?.parameters);
      const classifier = model.getLayer('predictions').countParams();
      expect(model.countParams() - classifier).toBe(expected[name]?.parametersWithoutTop);
      model.dispose();
    },
  );

  it('resnet50v2 without top has 23,564,800 parameters and returns feature maps', () => {
    const trunk = resNet50V2({ includeTop: false, inputShape: [64, 96, 3] });
    expect(trunk.countParams()).toBe(23_564_800);
    expect(expected.resnet50v2?.parametersWithoutTop).toBe(23_564_800);
    expect(trunk.outputs[0]?.shape).toEqual([null, 2, 3, 2048]);
    expect(trunk.name).toBe('resnet50v2');
    trunk.dispose();
  });
});

describe('the arithmetic equals Keras', () => {
  // Made once, because it has 24 million weights.
  let model: LayersModel;
  let weights: (ReturnType<typeof namedWeights>[number] & { initial: Float32Array })[];
  beforeAll(() => {
    model = resNet50V2({ classes: 5, rescaling: { scale: 1 / 127.5, offset: -1 } });
    weights = namedWeights(model).map((weight) => ({
      ...weight,
      initial: initialWeight(weight.layer, weight.name, weight.variable.shape),
    }));
    return () => {
      model.dispose();
      weights = [];
    };
  });

  it.each([64, 96])('forward and three Adam steps at %i pixels', (size) => {
    const expected = trainingFixture(size);
    for (const { variable, initial } of weights)
      tf.tidy(() => variable.assign(tf.tensor(initial, variable.shape)));
    const x = tf.tensor4d(images(size), [4, size, size, 3]);

    tf.tidy(() => {
      expect(
        relativeError(applyLogits(model, x, false).dataSync(), expected.logits.flat()),
      ).toBeLessThan(1e-4);
      const [features, probabilities] = functional({
        inputs: model.inputs,
        outputs: [model.getLayer('avg_pool').output as never, model.outputs[0] as never],
      }).predict(x) as tf.Tensor2D[];
      const sampled = features!.arraySync().flatMap((row) => row.filter((_, i) => i % 32 === 0));
      expect(relativeError(sampled, expected.features.flat())).toBeLessThan(1e-4);
      expect(relativeError(probabilities!.dataSync(), expected.probabilities.flat())).toBeLessThan(
        1e-4,
      );
    });

    const optimizer = new Adam(1e-3);
    const variables = model.trainableWeights.map(variableOf);
    const losses = expected.labels.map((labels) => {
      const loss = optimizer.minimize(
        () => {
          const perImage = sparseSoftmaxCrossEntropy(
            applyLogits(model, x, true),
            tf.tensor1d(labels, 'int32'),
          );
          return tf.mean<tf.Scalar>(perImage);
        },
        true,
        variables,
      )!;
      const [value] = loss.dataSync();
      loss.dispose();
      return value!;
    });
    losses.forEach((loss, i) =>
      expect(Math.abs(loss / expected.losses[i]! - 1)).toBeLessThan(1e-3),
    );

    // Adam's steps depend on the sign of a gradient more than on its size. If a gradient is close
    // to its rounding error, one element can differ by a whole step between two correct programs,
    // so this compares changes over many elements at once. The gradient of a convolution's bias is
    // pure rounding error, because a norm follows it; there only the bound applies.
    const affected = { statistics: [] as [number, number][], trained: [] as [number, number][] };
    const changes: [number, number][] = [];
    for (const { key, name, variable, initial } of weights) {
      const { norm: wholeNorm, change, samples } = expected.weights[key]!;
      const values = variable.dataSync<'float32'>();
      const moved = norm(values, initial);
      if (key.endsWith('_conv/bias')) {
        expect(moved, key).toBeLessThan(3.01e-3 * Math.sqrt(values.length));
        continue;
      }
      expect(Math.abs(norm(values) / wholeNorm - 1), key).toBeLessThan(1e-3);
      const isStatistic = name.startsWith('moving');
      if (!isStatistic) changes.push([moved, change]);
      const last = values.length - 1;
      samples.forEach((value, i) => {
        const at = Math.floor((i * last) / Math.max(1, samples.length - 1));
        const before = initial[at]!;
        affected[isStatistic ? 'statistics' : 'trained'].push([
          values[at]! - before,
          value - before,
        ]);
      });
    }
    const distance = (pairs: [number, number][]): number =>
      norm(pairs.map(([a, b]) => a - b)) / norm(pairs.map(([, b]) => b));
    expect(affected.trained.length).toBeGreaterThan(1000);
    expect(distance(affected.statistics)).toBeLessThan(1e-3);
    expect(distance(changes)).toBeLessThan(1e-3);
    // Half of the elements differ by less than 3 % of one step, and 99 of 100 by less than half a
    // step.
    const differences = affected.trained.map(([a, b]) => Math.abs(a - b)).sort((a, b) => a - b);
    const quantile = (q: number): number => differences[Math.floor(q * differences.length)]!;
    expect(quantile(0.5)).toBeLessThan(3e-5);
    expect(quantile(0.99)).toBeLessThan(5e-4);
    expect(distance(affected.trained)).toBeLessThan(0.1);

    // After the steps, the differences of all weights combine. Keras itself differs by 1e-3 if its
    // pixels change by 1e-6.
    const after = tf.tidy(() => tf.softmax(applyLogits(model, x, true)).dataSync());
    expect(relativeError(after, expected.probabilitiesAfter.flat())).toBeLessThan(5e-3);
    optimizer.dispose();
    x.dispose();
  });
});

describe('resNetV2', () => {
  it('accepts any size with variable sides, and other widths and depths', () => {
    const model = resNetV2({ stackDepths: [1, 2, 1, 1], width: 8, classes: 3 });
    const before = tf.memory().numTensors;
    for (const [height, width] of [
      [32, 32],
      [33, 47],
      [64, 40],
    ] as const) {
      const y = tf.tidy(() =>
        (model.predict(tf.zeros([2, height, width, 3])) as tf.Tensor).arraySync(),
      ) as number[][];
      expect(y.map((row) => row.length)).toEqual([3, 3]);
      for (const row of y) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(model.getLayer('conv5_block1_3_conv').getWeights()[0]!.shape).toEqual([1, 1, 64, 256]);
    model.dispose();
  });

  it('halves the size in the stem, the pool and the first three stacks, even in stacks of one block', () => {
    for (const make of [resNet14V2, resNet26V2]) {
      const trunk = make({ includeTop: false, inputShape: [64, 64, 3], width: 4 });
      expect(trunk.outputs[0]?.shape).toEqual([null, 2, 2, 128]);
      trunk.dispose();
    }
  });

  it('pools as requested', () => {
    for (const pooling of ['avg', 'max'] as const) {
      const trunk = resNet14V2({ includeTop: false, pooling, width: 4 });
      expect(trunk.layers.at(-1)?.name).toBe(`${pooling}_pool`);
      expect(trunk.outputs[0]?.shape).toEqual([null, 128]);
      trunk.dispose();
    }
  });

  it('returns logits without a classifier activation', () => {
    const [logits, softmax] = (['none', 'softmax'] as const).map((classifierActivation) =>
      resNet14V2({ width: 4, classes: 3, classifierActivation, seed: 5 }),
    ) as [LayersModel, LayersModel];
    tf.tidy(() => {
      const x = tf.randomUniform([2, 32, 32, 3], 0, 1, 'float32', 1);
      const expected = tf.softmax(logits.predict(x) as tf.Tensor).dataSync();
      expect(relativeError((softmax.predict(x) as tf.Tensor).dataSync(), expected)).toBeLessThan(
        1e-6,
      );
    });
    logits.dispose();
    softmax.dispose();
  });

  it('leaves no tensors behind when disposed', () => {
    const before = tf.memory().numTensors;
    resNet14V2({ width: 4 }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['inputShape', { inputShape: [16, 64, 3] }],
    ['inputShape', { inputShape: [64, 64, 1] }],
    ['inputShape', { inputShape: 64 }],
    ['classes', { classes: 0 }],
    ['classifierActivation', { classifierActivation: 'relu' }],
    ['pooling', { pooling: 'sum', includeTop: false }],
    ['width', { width: 1.5 }],
    ['rescaling', { rescaling: { scale: NaN, offset: 0 } }],
    ['seed', { seed: 0.5 }],
    ['stackDepths', { stackDepths: [1, 1, 1] }],
    ['stackDepths', { stackDepths: [1, 1, 0, 1] }],
  ])('names an invalid option, its value and what is allowed: %s %j', (option, options) => {
    const make = (): unknown => resNetV2({ stackDepths: [1, 1, 1, 1], ...options } as never);
    expect(make).toThrow(new RegExp(`^Option ${option} is .*; it must be `));
  });
});
