import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { norm, relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { images, mobileNetWeight } from '../../test/support/fill.ts';
import { architectureFixtures, mobileNetFixture } from '../../test/support/fixtures.ts';
import { variableOf } from '../../test/support/variables.ts';
import { applyLogits } from '../apply-logits.ts';
import { sparseSoftmaxCrossEntropy } from '../kernels/sparse-softmax-cross-entropy.ts';
import { SGD } from '../optimizers/sgd.ts';
import { mobileNetV2, type MobileNetV2Options } from './mobilenet-v2.ts';

const { widths, forward, training } = mobileNetFixture();

/**
 * Every weight by its Keras name. tfjs still uses the Keras 2 name for the kernels of depthwise
 * convolutions.
 */
function namedWeights(
  model: LayersModel,
): { layer: string; name: string; shape: number[]; variable: tf.Variable }[] {
  return model.layers.flatMap((layer) =>
    layer.weights.map((weight) => ({
      layer: layer.name,
      name: weight.originalName.split('/').at(-1)!.replace('depthwise_kernel', 'kernel'),
      shape: weight.shape as number[],
      variable: variableOf(weight),
    })),
  );
}

/** The model of the fixtures. */
function kerasModel(smooth: boolean, options: MobileNetV2Options = {}): LayersModel {
  const model = mobileNetV2({
    alpha: 0.35,
    classes: 5,
    rescaling: { scale: 1 / 127.5, offset: -1 },
    ...options,
  });
  for (const { layer, name, shape, variable } of namedWeights(model)) {
    tf.tidy(() => variable.assign(tf.tensor(mobileNetWeight(layer, name, shape, smooth), shape)));
  }
  return model;
}

const pixels = (size: number): tf.Tensor4D => tf.tensor4d(images(size), [4, size, size, 3]);

describe('the architecture equals Keras', () => {
  beforeEach(() => setEngine('cpu'));

  it('at alpha 1: names, order, shapes and counts', () => {
    const expected = architectureFixtures().mobilenetv2;
    const model = mobileNetV2();
    const names = namedWeights(model);
    const layers = model.layers.map((layer) => [
      layer.name,
      names.filter((weight) => weight.layer === layer.name).map(({ name, shape }) => [name, shape]),
    ]);
    expect(layers).toEqual(expected?.layers);
    expect(model.countParams()).toBe(expected?.parameters);
    model.dispose();
  });

  it.each(Object.entries(widths))(
    'at alpha %s: shapes and counts',
    (alpha, { parameters, parametersWithoutTop, kernels }) => {
      const model = mobileNetV2({ alpha: Number(alpha) });
      expect(
        namedWeights(model)
          .filter(({ name }) => name === 'kernel')
          .map(({ shape }) => shape.join('x')),
      ).toEqual(kernels);
      expect(model.countParams()).toBe(parameters);
      model.dispose();
      const trunk = mobileNetV2({ alpha: Number(alpha), includeTop: false });
      expect(trunk.countParams()).toBe(parametersWithoutTop);
      trunk.dispose();
    },
  );

  it('without top returns maps, and pools under the names of Keras', () => {
    const trunk = mobileNetV2({ alpha: 0.35, includeTop: false, inputShape: [64, 96, 3] });
    expect(trunk.outputs[0]?.shape).toEqual([null, 2, 3, 1280]);
    expect(trunk.name).toBe('mobilenetv2');
    for (const [pooling, name] of [
      ['avg', 'global_average_pooling2d'],
      ['max', 'global_max_pooling2d'],
    ] as const) {
      const pooled = mobileNetV2({ alpha: 0.35, includeTop: false, pooling });
      expect(pooled.layers.at(-1)?.name).toBe(name);
      expect(pooled.outputs[0]?.shape).toEqual([null, 1280]);
    }
  });

  it.each([
    ['alpha', { alpha: 0 }],
    ['alpha', { alpha: NaN }],
    ['inputShape', { inputShape: [31, 64, 3] }],
    ['classes', { classes: 0.5 }],
  ])('names an invalid option, its value and what is allowed: %s %j', (option, options) => {
    expect(() => mobileNetV2(options as never)).toThrow(
      new RegExp(`^Option ${option} is .*; it must be `),
    );
  });
});

for (const engine of engines)
  describe(`the arithmetic equals Keras on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    it.each([
      ['open64', {}],
      ['openOdd', {}],
      ['givenOdd', { inputShape: [75, 90, 3] }],
    ] as const)('forward, padding at odd sizes included: %s', (name, options) => {
      const before = tf.memory().numTensors;
      const model = kerasModel(false, options as MobileNetV2Options);
      tf.tidy(() => {
        // Equals images(90)[:, :75] in numpy.
        const x =
          name === 'open64' ? pixels(64) : tf.slice(pixels(90), [0, 0, 0, 0], [4, 75, 90, 3]);
        expect(
          relativeError((model.predict(x) as tf.Tensor).dataSync(), forward[name].flat()),
        ).toBeLessThan(1e-4);
      });
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

// This takes half a minute in plain JavaScript; the last test compares that engine with the native
// one.
for (const engine of ['tensorflow', 'wasm'] as const)
  describe(`training equals Keras on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    it('in gradients, running statistics and the losses of three steps', () => {
      const model = kerasModel(true);
      const x = pixels(64);
      const variables = model.trainableWeights.map(variableOf);
      const names = new Map(
        namedWeights(model).map(({ layer, name, variable }) => [variable.name, `${layer}/${name}`]),
      );
      const optimizer = new SGD(1e-4, { momentum: 0.9 });
      const losses = training.labels.map((labels, step) =>
        tf.tidy(() => {
          const { value, grads } = tf.variableGrads(
            () =>
              tf.mean(
                sparseSoftmaxCrossEntropy(
                  applyLogits(model, x, true),
                  tf.tensor1d(labels, 'int32'),
                ),
              ),
            variables,
          );
          if (step === 0) {
            expect(Object.keys(grads).length).toBe(Object.keys(training.gradients).length);
            for (const [variable, gradient] of Object.entries(grads)) {
              const key = names.get(variable)!;
              const [size, ...samples] = training.gradients[key]!;
              const values = gradient.dataSync<'float32'>();
              // Many offsets have a gradient of zero, because a norm follows them: only rounding
              // errors below 1e-5 remain.
              const tolerance = 1e-3 * size + 1e-5;
              expect(Math.abs(norm(values) - size), key).toBeLessThan(tolerance);
              [0, Math.floor((values.length - 1) / 2), values.length - 1].forEach((at, i) =>
                expect(Math.abs(values[at]! - samples[i]!), key).toBeLessThan(tolerance),
              );
            }
            for (const { layer, name, variable } of namedWeights(model)) {
              if (!name.startsWith('moving')) continue;
              const expected = training.statistics[`${layer}/${name}`]!;
              expect(
                relativeError(variable.dataSync().slice(0, 3), expected),
                `${layer}/${name}`,
              ).toBeLessThan(1e-5);
            }
          }
          optimizer.applyGradients(grads);
          return value.dataSync()[0]!;
        }),
      );
      expect(relativeError(losses, training.losses)).toBeLessThan(1e-4);
      optimizer.dispose();
      model.dispose();
      x.dispose();
    });
  });

it(
  'computes the same gradients on cpu as on the native engine',
  { tags: 'native-engine' },
  async () => {
    const gradients = async (engine: 'tensorflow' | 'cpu'): Promise<number[]> => {
      await setEngine(engine);
      const model = mobileNetV2({ alpha: 0.1, classes: 3, seed: 1 });
      const values = tf.tidy(() => {
        const x = tf.randomUniform<tf.Rank.R4>([2, 32, 32, 3], -1, 1, 'float32', 1);
        const loss = (): tf.Scalar =>
          tf.mean(
            sparseSoftmaxCrossEntropy(applyLogits(model, x, false), tf.tensor1d([0, 2], 'int32')),
          );
        const { grads } = tf.variableGrads(loss, model.trainableWeights.map(variableOf));
        return Object.values(grads).flatMap((gradient) => [...gradient.dataSync()]);
      });
      model.dispose();
      return values;
    };
    expect(relativeError(await gradients('cpu'), await gradients('tensorflow'))).toBeLessThan(1e-4);
  },
);
