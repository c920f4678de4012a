import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe as suite, expect, it } from 'vitest';
import { setEngine } from '../../test/support/engines.ts';
import { multiplyAddsFixture } from '../../test/support/fixtures.ts';
import { variableOf } from '../../test/support/variables.ts';
import { createModel } from '../architectures/create-model.ts';
import { mobileNetV2 } from '../architectures/mobilenet-v2.ts';
import { resNet14V2 } from '../architectures/resnet-v2.ts';
import { FixresModelsError } from '../errors.ts';
import { multiHeadAttention } from '../layers/attention/keras-multi-head-attention.ts';
import { sparseSoftmaxCrossEntropy } from '../kernels/sparse-softmax-cross-entropy.ts';
import { type Costs, describe } from './describe.ts';

beforeAll(() => setEngine('cpu'));

const apply = (layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor =>
  layer.apply(x) as SymbolicTensor;

/** conv 3x3 (5 of 3), norm, relu, pool, flatten, dense (2), on images of `size`. */
function smallNet(size: number | null): LayersModel {
  const image = input({ shape: [size, size, 3] });
  let x = apply(layers.conv2d({ filters: 5, kernelSize: 3, padding: 'same', name: 'conv' }), image);
  x = apply(layers.batchNormalization({ name: 'norm' }), x);
  x = apply(layers.activation({ activation: 'relu', name: 'relu' }), x);
  x = apply(layers.maxPooling2d({ poolSize: 2, name: 'pool' }), x);
  if (size !== null) x = apply(layers.flatten({ name: 'flat' }), x);
  else x = apply(layers.globalAveragePooling2d({ name: 'mean' }), x);
  return model({
    inputs: image,
    outputs: apply(layers.dense({ units: 2, activation: 'softmax', name: 'dense' }), x),
    name: 'small',
  });
}

/** Whether a path from the image to a tensor contains one of these layers. */
function isBelow(tensor: SymbolicTensor, trained: ReadonlySet<layers.Layer>): boolean {
  return trained.has(tensor.sourceLayer) || tensor.inputs.some((input) => isBelow(input, trained));
}

suite('describe', () => {
  it.each(multiplyAddsFixture())(
    "counts the multiply-adds that TensorFlow's profiler finds in Keras's %s of width %i at %j",
    (name, width, size, expected) => {
      const net = createModel(name, { width });
      expect(describe(net, size).multiplyAdds).toBe(expected);
      net.dispose();
    },
  );

  // Sandler et al. 2018, table 4, and the table of the reference implementation, in millions.
  it.each([
    [1, 224, 300],
    [1, 160, 154],
    [1, 96, 56],
    [1.4, 224, 582],
    [0.35, 224, 59],
  ])(
    'counts the published multiply-adds of MobileNetV2: alpha %f, %i pixels, %i million',
    (alpha, size, millions) => {
      const net = mobileNetV2({ alpha });
      expect(Math.abs(describe(net, size).multiplyAdds / 1e6 - millions)).toBeLessThan(1);
      net.dispose();
    },
  );

  it('matches a count by hand, layer by layer', () => {
    const { layers: rows, ...all } = describe(smallNet(8));
    const row = (path: string): Costs & { outputShape: number[] } =>
      rows.find((layer) => layer.path === path)!;
    expect(row('conv')).toMatchObject({
      parameters: 140,
      trainableParameters: 140,
      multiplyAdds: 64 * 135,
      outputBytes: 4 * 320,
      outputShape: [8, 8, 5],
    });
    expect(row('norm')).toMatchObject({
      parameters: 20,
      trainableParameters: 10,
      multiplyAdds: 0,
      outputBytes: 1280,
    });
    expect(row('flat')).toMatchObject({ outputShape: [80], outputBytes: 0 });
    expect(row('dense')).toMatchObject({ parameters: 162, multiplyAdds: 160, outputBytes: 8 });
    expect(all).toMatchObject({
      name: 'small',
      inputShapes: [[8, 8, 3]],
      parameters: 322,
      trainableParameters: 312,
      multiplyAdds: 8800,
      groups: [
        { name: 'stem', multiplyAdds: 64 * 135 },
        { name: 'classifier', multiplyAdds: 160 },
      ],
      unknownLayers: [],
    });
    // Image 768, three maps of 1280, pool 320, dense 8. The peak contains the image, one map, and
    // the next map computed from it.
    expect(all.outputBytes).toBe(768 + 3 * 1280 + 320 + 8);
    expect(all.inferencePeakBytes).toBe(768 + 2 * 1280);
    // Norm, convolution and dense layers need their inputs, activations their outputs, and the pool
    // both: everything except the norm's output.
    expect(all.trainingBytes).toBe(all.outputBytes - 1280);
  });

  it('keeps for the gradient only what the trained layers need', () => {
    const net = smallNet(8);
    for (const layer of net.layers) layer.trainable = layer.name === 'dense';
    const { layers: rows, trainableParameters, trainingBytes } = describe(net);
    expect(trainableParameters).toBe(162);
    expect(rows.filter((layer) => layer.trainingBytes > 0).map(({ path }) => path)).toEqual([
      'pool',
      'dense',
    ]);
    expect(trainingBytes).toBe(320 + 8);
  });

  it('matches a count of the gradient by hand: trained weights, and inputs above trained layers', () => {
    const net = smallNet(8);
    const [conv, dense] = [64 * 135, 160];
    const passes = (...trained: string[]): number => {
      for (const layer of net.layers) layer.trainable = trained.includes(layer.name);
      return describe(net).backwardMultiplyAdds;
    };
    // The gradient of the image is not needed.
    expect(passes('conv', 'norm', 'dense')).toBe(conv + 2 * dense);
    expect(passes('norm', 'dense')).toBe(2 * dense);
    expect(passes('norm')).toBe(dense);
    expect(passes('dense')).toBe(dense);
    expect(passes('conv')).toBe(conv + dense);
    expect(passes()).toBe(0);
  });

  it.each([
    ['resnet14v2', () => true],
    ['mobilenetv2', () => true],
    // Beside the trained branch of a block there is another branch with nothing trained below it.
    ['resnet14v2', (name: string) => name.includes('conv5_block1_2')],
    ['mobilenetv2', (name: string) => /^block_(12|16)_/.test(name)],
    ['resnet14v2', (name: string) => name === 'predictions'],
  ])(
    'counts a layer for its weights if they train, and for its inputs if a path leads down to trained weights: %s, layers %#',
    (name, trains) => {
      const net = createModel(name, { width: 4, classes: 3 });
      for (const layer of net.layers) layer.trainable = trains(layer.name);
      const trained = new Set(net.layers.filter((layer) => layer.trainableWeights.length > 0));
      const { layers: rows, backwardMultiplyAdds } = describe(net, 32);
      for (const { path, multiplyAdds, ...row } of rows) {
        const layer = net.getLayer(path);
        const hasInputs = layer.inboundNodes[0]!.inboundLayers.length > 0;
        const leadsDown =
          hasInputs && [layer.input].flat().some((tensor) => isBelow(tensor, trained));
        expect(row.backwardMultiplyAdds, path).toBe(
          multiplyAdds * (Number(trained.has(layer)) + Number(leadsDown)),
        );
      }
      expect(backwardMultiplyAdds).toBe(
        rows.reduce((sum, row) => sum + row.backwardMultiplyAdds, 0),
      );
      expect(backwardMultiplyAdds).toBeGreaterThan(0);
      net.dispose();
    },
  );

  it.each(['resnet50v2', 'mobilenetv2'])(
    'counts three passes for all of %s, except the gradient of the image',
    (name) => {
      const net = createModel(name, { width: 8 });
      const { layers: rows, multiplyAdds, backwardMultiplyAdds } = describe(net, 64);
      const first = rows.find((row) => row.multiplyAdds > 0)!;
      expect(multiplyAdds + backwardMultiplyAdds).toBe(3 * multiplyAdds - first.multiplyAdds);
      net.dispose();
    },
  );

  it('sums to the total by groups, and scales with the area', () => {
    const net = createModel('resnet26v2', { width: 16, classes: 5 });
    const small = describe(net, 64);
    const large = describe(net, 128);
    for (const key of [
      'parameters',
      'trainableParameters',
      'multiplyAdds',
      'backwardMultiplyAdds',
      'outputBytes',
      'trainingBytes',
    ] as const) {
      expect(small.groups.reduce((sum, group) => sum + group[key], 0)).toBe(small[key]);
    }
    expect(small.groups.map(({ name }) => name)).toEqual([
      'stem',
      'conv2',
      'conv3',
      'conv4',
      'conv5',
      'final-norm',
      'classifier',
    ]);
    expect(small.parameters).toBe(net.countParams());
    const { multiplyAdds: dense } = small.groups.at(-1)!;
    expect(large.multiplyAdds - dense).toBe(4 * (small.multiplyAdds - dense));
    expect(describe(net, [64, 128]).multiplyAdds - dense).toBe(2 * (small.multiplyAdds - dense));
    net.dispose();
  });

  it.each(['resnet14v2', 'mobilenetv2'])('finds the memory peak of tfjs: %s', (name) => {
    const net = createModel(name, { width: 8, classes: 3 });
    const x = tf.zeros([1, 64, 64, 3]);
    const { inferencePeakBytes } = describe(net, 64);
    // `predict` works on a copy of the image, which lives as long as the call.
    const before = tf.memory().numBytes;
    let peak = 0;
    for (const layer of net.layers) {
      const call = layer.call.bind(layer);
      layer.call = (inputs, kwargs) => {
        const output = call(inputs, kwargs);
        peak = Math.max(peak, tf.memory().numBytes - before);
        return output;
      };
    }
    tf.dispose(net.predict(x));
    expect(peak).toBe(inferencePeakBytes);
    net.dispose();
    x.dispose();
  });

  it('counts the projections and similarities of attention in the memory peak', async () => {
    const tokens = input({ shape: [6, 8] });
    const net = model({
      inputs: tokens,
      outputs: apply(multiHeadAttention({ numHeads: 2, keyDim: 4 }), tokens),
    });
    const { inferencePeakBytes } = describe(net);
    // Input and output; queries, keys, values and sums; the shares of two heads.
    expect(inferencePeakBytes).toBe(4 * (2 * 48 + 4 * 48 + 2 * 36));
    const x = tf.zeros([1, 6, 8]);
    const before = tf.memory().numBytes - 4 * 48;
    const { peakBytes } = await tf.profile(() => net.predict(x));
    expect(peakBytes - before).toBeGreaterThanOrEqual(inferencePeakBytes);
    net.dispose();
  });

  it.each(['resnet14v2', 'mobilenetv2'])(
    'is a lower bound for the memory of a training step in tfjs: %s',
    { tags: 'native-engine' },
    async (name) => {
      await setEngine('tensorflow');
      const net = createModel(name, { width: 8, classes: 3 });
      const x = tf.randomUniform<tf.Rank.R4>([2, 64, 64, 3], 0, 1, 'float32', 1);
      const { trainingBytes } = describe(net, 64);
      const before = tf.memory().numBytes;
      let held = 0;
      tf.tidy(() => {
        // The gradient of this identity runs first, after the forward pass is complete.
        const watch = tf.customGrad((t) => ({
          value: tf.clone(t as tf.Tensor),
          gradFunc: (dy: tf.Tensor) => {
            held = tf.memory().numBytes - before;
            return dy;
          },
        }));
        const loss = (): tf.Scalar =>
          tf.mean(
            watch(
              sparseSoftmaxCrossEntropy(
                net.apply(x, { training: true }) as tf.Tensor2D,
                tf.tensor1d([0, 1], 'int32'),
              ),
            ),
          );
        tf.variableGrads(loss, net.trainableWeights.map(variableOf));
      });
      // tfjs also keeps tensors of which it needs only the shape, such as both terms of a sum.
      expect(held).toBeGreaterThan(2 * trainingBytes);
      net.dispose();
      x.dispose();
    },
  );

  it('expands nested models, and counts shared layers once for parameters but per call for everything else', () => {
    const trunk = sequential({
      name: 'trunk',
      layers: [layers.dense({ units: 4, inputShape: [3], name: 'shared' })],
    });
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })];
    const sum = apply(layers.add({ name: 'sum' }), [apply(trunk, a), apply(trunk, b)]);
    const net = model({
      inputs: [a, b],
      outputs: apply(layers.dense({ units: 1, name: 'head' }), sum),
    });
    const description = describe(net, undefined, {
      groups: [
        { name: 'body', layers: ['trunk'] },
        { name: 'head', layers: ['head'] },
      ],
    });
    expect(description.layers.map(({ path }) => path)).toContain('trunk/shared');
    expect(description.groups).toMatchObject([
      { name: 'body', layers: ['trunk/shared'], parameters: 16, multiplyAdds: 24, outputBytes: 32 },
      { name: 'head', parameters: 5, multiplyAdds: 4 },
    ]);
    expect(description.inputShapes).toEqual([[3], [3]]);
    trunk.trainable = false;
    expect(describe(net).trainableParameters).toBe(5);
  });

  it('lists layers of unknown kinds instead of guessing', () => {
    class Own extends layers.Layer {
      static className = 'Own';
    }
    const net = sequential({
      layers: [new Own({ inputShape: [3], name: 'own' }), layers.dense({ units: 1 })],
    });
    const { unknownLayers, multiplyAdds } = describe(net);
    expect(unknownLayers).toEqual([{ path: 'own', className: 'Own' }]);
    expect(multiplyAdds).toBe(3);
  });

  it('counts other kinds of convolution', () => {
    const of = (layer: layers.Layer): number =>
      describe(sequential({ layers: [layer] })).multiplyAdds;
    const inputShape = [8, 6, 3];
    expect(
      of(layers.separableConv2d({ filters: 5, kernelSize: 3, padding: 'same', inputShape })),
    ).toBe(48 * (27 + 15));
    expect(of(layers.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 2, inputShape }))).toBe(
      48 * 60,
    );
    expect(
      of(
        layers.depthwiseConv2d({
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          depthMultiplier: 2,
          inputShape,
        }),
      ),
    ).toBe(12 * 54);
    expect(of(layers.conv1d({ filters: 4, kernelSize: 3, inputShape: [10, 2] }))).toBe(8 * 24);
  });

  it.each([
    ['left out', () => describe(resNet14V2({ width: 4 }))],
    ['0', () => describe(smallNet(null), 0)],
    ['1.5', () => describe(smallNet(null), 1.5)],
    ['16', () => describe(smallNet(8), 16)],
    ['1', () => describe(smallNet(null), 1)],
  ])('rejects a size that does not fit: %s', (size, run) => {
    let error: unknown;
    try {
      run();
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(FixresModelsError);
    expect((error as FixresModelsError).code).toBe('bad-option');
    expect((error as FixresModelsError).message).toContain(`Option size is ${size}; it must be`);
  });
});
