import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, loadLayersModel, model, type LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill, initialWeight } from '../../test/support/fill.ts';
import { type BatchNormCase, kernelFixtures } from '../../test/support/fixtures.ts';
import { variableOf } from '../../test/support/variables.ts';
import { BatchNormalization, batchNormalization } from './batch-normalization.ts';

const cases = kernelFixtures().batchNorm;

function build({ shape, options }: BatchNormCase): BatchNormalization {
  const layer = batchNormalization(options);
  layer.build([null, ...shape.slice(1)]);
  for (const weight of layer.weights) {
    const value = tf.tensor(initialWeight('norm', weight.originalName, weight.shape as number[]));
    weight.write(value);
    value.dispose();
  }
  return layer;
}

function sample({ shape }: BatchNormCase): { x: tf.Tensor; dy: tf.Tensor } {
  const size = tf.util.sizeFromShape(shape);
  return {
    x: tf.tensor(
      Float32Array.from(fill('x', size), (u) => 3 * u + 0.5),
      shape,
    ),
    dy: tf.tensor(Float32Array.from(fill('dy', size)), shape),
  };
}

const weightsOf = (layer: layers.Layer): Record<string, number[]> =>
  Object.fromEntries(
    layer.weights.map((weight) => [weight.originalName, [...weight.read().dataSync()]]),
  );

for (const engine of engines) {
  describe(`BatchNormalization on ${engine}`, onEngine(engine), () => {
    beforeEach(async () => {
      await setEngine(engine);
      tf.engine().startScope();
    });
    afterEach(() => tf.engine().endScope());

    it.each(cases.map((c) => [`[${c.shape.join()}] ${JSON.stringify(c.options)}`, c] as const))(
      'equals Keras: %s',
      (_, c) => {
        const layer = build(c);
        const { x, dy } = sample(c);
        const call = (v: tf.Tensor, training: boolean): tf.Tensor => layer.call(v, { training });
        expect(relativeError(call(x, false).dataSync(), c.inference)).toBeLessThan(1e-5);

        const variables = layer.trainableWeights.map(variableOf);
        const source = tf.variable(x);
        let y: tf.Tensor | undefined;
        const { grads } = tf.variableGrads(() => {
          y = tf.keep(call(source, true));
          return tf.sum(tf.mul(y, dy));
        }, [source, ...variables]);
        expect(relativeError(y!.dataSync(), c.y)).toBeLessThan(1e-5);
        expect(relativeError(grads[source.name]!.dataSync(), c.dx)).toBeLessThan(1e-5);
        expect(layer.trainableWeights.map((weight) => weight.originalName)).toEqual(
          Object.keys(c.gradients),
        );
        for (const [i, gradient] of Object.values(c.gradients).entries()) {
          expect(relativeError(grads[variables[i]!.name]!.dataSync(), gradient)).toBeLessThan(1e-5);
        }

        call(x, true);
        const { moving_mean: mean, moving_variance: variance } = weightsOf(layer);
        expect(relativeError(mean!, c.movingMeanAfterTwo)).toBeLessThan(1e-5);
        expect(relativeError(variance!, c.movingVarianceAfterTwo)).toBeLessThan(1e-5);
      },
    );

    it('is in inference mode while frozen, even inside a training step', () => {
      for (const c of cases) {
        const layer = build(c);
        layer.trainable = false;
        const before = weightsOf(layer);
        const y = layer.call(sample(c).x, { training: true });
        expect(relativeError(y.dataSync(), c.inference)).toBeLessThan(1e-5);
        expect(weightsOf(layer)).toEqual(before);
      }
    });

    it('only updates its statistics if just gamma and beta are frozen', () => {
      const c = cases[0]!;
      const layer = build(c);
      for (const weight of layer.trainableWeights) weight.trainable = false;
      expect(layer.trainable).toBe(true);
      const y = layer.call(sample(c).x, { training: true });
      expect(relativeError(y.dataSync(), c.y)).toBeLessThan(1e-5);
      layer.call(sample(c).x, { training: true });
      const after = weightsOf(layer);
      expect(relativeError(after.moving_mean!, c.movingMeanAfterTwo)).toBeLessThan(1e-5);
      expect(after.gamma).toEqual([...initialWeight('norm', 'gamma', [5])]);
      expect(after.beta).toEqual([...initialWeight('norm', 'beta', [5])]);
    });

    it('keeps the variance of a single value at zero instead of dividing by zero', () => {
      const layer = batchNormalization({ momentum: 0 });
      layer.build([null, 2]);
      const y = layer.call(tf.tensor2d([[3, -1]]), { training: true });
      expect([...y.dataSync()]).toEqual([0, 0]);
      expect(weightsOf(layer).moving_mean).toEqual([3, -1]);
      expect(weightsOf(layer).moving_variance).toEqual([0, 0]);
    });

    it('leaves no tensors behind', () => {
      for (const c of cases) {
        const layer = build(c);
        const { x } = sample(c);
        const variables = layer.trainableWeights.map(variableOf);
        const step = (): void => {
          if (variables.length === 0) tf.dispose(layer.call(x, { training: true }));
          else
            tf.dispose(
              tf.variableGrads(() => tf.sum(layer.call(x, { training: true })), variables),
            );
        };
        const before = tf.memory().numTensors;
        step();
        expect(tf.memory().numTensors).toBe(before);
      }
    });
  });
}

describe('BatchNormalization in models', () => {
  beforeEach(() => setEngine('cpu'));

  function stockModel(): LayersModel {
    const image = input({ shape: [4] });
    const norm = layers.batchNormalization({ name: 'norm', momentum: 0.5 });
    return model({ inputs: image, outputs: norm.apply(image) as never });
  }

  it('replaces the stock layer in a loaded model', async () => {
    const stock = stockModel();
    expect(stock.getLayer('norm')).not.toBeInstanceOf(BatchNormalization);
    let artifacts: tf.io.ModelArtifacts = {};
    await stock.save(
      tf.io.withSaveHandler((saved) => {
        artifacts = saved;
        return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
      }),
    );
    const loaded = await loadLayersModel(tf.io.fromMemory(artifacts));
    const norm = loaded.getLayer('norm');
    expect(norm).toBeInstanceOf(BatchNormalization);
    expect(norm).toMatchObject({ frozenAware: true });
    expect(norm.getConfig()).toEqual(stock.getLayer('norm').getConfig());
  });

  it('accepts the axis of a model that Keras 2 saved, but not two axes', async () => {
    const topology = JSON.parse(JSON.stringify(stockModel().toJSON(null, false))) as {
      config: { layers: { config: { axis: unknown } }[] };
    };
    topology.config.layers[1]!.config.axis = [1];
    const loaded = await loadLayersModel(tf.io.fromMemory({ modelTopology: topology }));
    expect(loaded.getLayer('norm').getConfig().axis).toBe(1);
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]);
      const [y, expected] = [
        loaded.apply(x, { training: true }) as tf.Tensor,
        stockModel().apply(x, { training: true }) as tf.Tensor,
      ];
      expect(relativeError(y.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
    });
    expect(() => batchNormalization({ axis: [1, 2] as never })).toThrow(
      /Option axis is \[1,2\]; it must be one axis/,
    );
  });

  it("is saved under Keras's class name", () => {
    const image = input({ shape: [4] });
    const ours = model({ inputs: image, outputs: batchNormalization().apply(image) as never });
    expect(ours.toJSON(null, false)).toMatchObject({
      config: { layers: [{}, { class_name: 'BatchNormalization' }] },
    });
  });
});
