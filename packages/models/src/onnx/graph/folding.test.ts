import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { relativeError } from '../../../test/support/compare.ts';
import { setEngine } from '../../../test/support/engines.ts';
import { fill } from '../../../test/support/fill.ts';
import { runOnnx } from '../../../test/support/onnx-session.ts';
import { batchNormalization } from '../../layers/batch-normalization.ts';
import { onnxFromModel } from '../onnx-from-model.ts';

beforeAll(() => setEngine('cpu'));

interface Case {
  name: string;
  build: (image: SymbolicTensor) => SymbolicTensor;
  /** Operators that are left. */
  ops: string[];
}

const conv = (args: object = {}): layers.Layer =>
  layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv', ...args });
const norm = (args: object = {}): layers.Layer => batchNormalization({ name: 'norm', ...args });
const pad = (): layers.Layer =>
  layers.zeroPadding2d({
    padding: [
      [0, 1],
      [2, 1],
    ],
    name: 'pad',
  });
const chain =
  (...chained: layers.Layer[]): Case['build'] =>
  (image) =>
    chained.reduce((x, layer) => layer.apply(x) as SymbolicTensor, image);

const cases: Case[] = [
  { name: 'a convolution', build: chain(conv(), norm()), ops: ['Conv'] },
  { name: 'one without bias', build: chain(conv({ useBias: false }), norm()), ops: ['Conv'] },
  {
    name: 'one with its own padding',
    build: chain(pad(), conv({ padding: 'same' }), norm({ center: false })),
    ops: ['Conv'],
  },
  {
    name: 'a depthwise one',
    build: chain(
      pad(),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, name: 'conv' }),
      norm({ scale: false }),
    ),
    ops: ['Conv'],
  },
  {
    name: 'a dense layer',
    build: chain(
      layers.globalAveragePooling2d({ name: 'pool' }),
      layers.dense({ units: 3, name: 'dense' }),
      norm(),
    ),
    ops: ['GlobalAveragePool', 'Flatten', 'Gemm'],
  },
  {
    name: 'nothing across an activation',
    build: chain(conv({ activation: 'relu' }), norm()),
    ops: ['Conv', 'Relu', 'BatchNormalization'],
  },
  {
    name: 'nothing before a pool',
    build: chain(pad(), layers.maxPooling2d({ poolSize: 4, name: 'pool' })),
    ops: ['Pad', 'Max', 'MaxPool'],
  },
  {
    name: 'nothing if the convolution, or the padding, is read twice',
    build: (image) => {
      const padded = pad().apply(image) as SymbolicTensor;
      const x = conv().apply(padded) as SymbolicTensor;
      const y = norm().apply(x) as SymbolicTensor;
      const pooled = layers
        .averagePooling2d({ poolSize: 3, strides: 1, name: 'pool' })
        .apply(padded) as SymbolicTensor;
      return layers.concatenate({ name: 'all' }).apply([x, y, pooled]) as SymbolicTensor;
    },
    ops: ['Pad', 'Conv', 'BatchNormalization', 'AveragePool', 'Concat'],
  },
];

it.each(cases)('folds $name, and computes the same', async ({ build, ops }) => {
  const image = input({ shape: [9, 8, 3] });
  const built = model({ inputs: image, outputs: build(image) });
  for (const layer of built.layers)
    for (const weight of layer.weights) {
      const values = fill(
        `${layer.name}/${weight.originalName}`,
        tf.util.sizeFromShape(weight.shape as number[]),
      );
      tf.tidy(() => {
        weight.write(
          tf.tensor(
            [...values].map((u) => (weight.originalName.endsWith('moving_variance') ? 1.5 + u : u)),
            weight.shape as number[],
          ),
        );
      });
    }
  const graph = await onnxFromModel(built);
  // Negative, so that zeros around the image are maxima.
  const levels = Array.from(fill('image', 2 * 9 * 8 * 3), (u) => u - 1.5);
  const x = tf.tensor4d(levels, [2, 9, 8, 3]);
  const expected = built.predict(x) as tf.Tensor;
  const [output] = await runOnnx(graph, [x]);
  expect(relativeError(output!.data as Float32Array, expected.dataSync())).toBeLessThan(1e-5);
  expect(
    graph.nodes.map(({ op }) => op).filter((op) => op !== 'Transpose' && op !== 'Identity'),
  ).toEqual(ops);
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  expect([...graph.constants.keys()].filter((name) => !read.has(name))).toEqual([]);
  tf.dispose([x, expected]);
  built.dispose();
});
