// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { useEngine } from '../../use-engine.ts';
import { compileGraph } from '../compile-graph.ts';
import { graphBackend } from '../graph-backend.ts';
import { Graph } from '../graph-node.ts';
import { GraphVariables } from '../graph-variables.ts';
import { recordFunction, type TensorFunction } from '../record-function.ts';
import { foldBatchNorm, type FoldOptions } from './fold-batch-norm.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const shape = [2, 7, 7, 3] as const;
const inputs = { x: { shape, dtype: 'float32' } } as const;

function variable(size: readonly number[], [low, high]: readonly [number, number], seed: number) {
  return tf.variable(tf.randomUniform([...size], low, high, 'float32', seed));
}

/** Variables of a normalisation; a mean and a variance that are far from 0 and 1. */
function normalisation(channels: number, seed: number) {
  const [gamma, beta, mean, variance] = (
    [
      [0.5, 2],
      [-1, 1],
      [-5, 5],
      [0.01, 4],
    ] as const
  ).map((range, i) => variable([channels], range, seed + i)) as [
    tf.Variable,
    tf.Variable,
    tf.Variable,
    tf.Variable,
  ];
  return (x: tf.Tensor): tf.Tensor4D =>
    tf.batchNorm4d(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      1e-3,
    );
}

/** Ops that are left after folding. */
function foldedOps(run: TensorFunction, options?: FoldOptions): Map<string, number> {
  const graph = new Graph();
  const backend = graphBackend();
  const variables = new GraphVariables(graph, backend);
  recordFunction('f', inputs, run, { graph, variables, backend });
  foldBatchNorm(graph, options);
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}

type Layers = Record<'conv' | 'square' | 'single' | 'other' | 'depthwise' | 'bias', tf.Variable> &
  Record<'norm' | 'wide', (x: tf.Tensor) => tf.Tensor4D>;

function layers(): Layers {
  return {
    conv: variable([3, 3, 3, 6], [-1, 1], 1),
    /** Its result is as high and as wide as it has channels. */
    square: variable([2, 2, 3, 6], [-1, 1], 5),
    single: variable([3, 3, 3, 1], [-1, 1], 6),
    other: variable([1, 1, 6, 6], [-1, 1], 2),
    depthwise: variable([3, 3, 3, 2], [-1, 1], 3),
    bias: variable([6], [-3, 3], 4),
    norm: normalisation(6, 10),
    wide: normalisation(6, 20),
  };
}

const conv2d = (x: tf.Tensor, filter: tf.Variable): tf.Tensor4D =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid');

it.each<[string, (l: Layers, x: tf.Tensor) => tf.Tensor, number]>([
  ['a convolution', (l, x) => tf.relu(l.norm(conv2d(x, l.conv))), 0],
  ['a convolution with a bias', (l, x) => l.norm(tf.add(conv2d(x, l.conv), l.bias)), 0],
  [
    'a depthwise convolution with two filters per channel',
    (l, x) => l.norm(tf.depthwiseConv2d(x as tf.Tensor4D, l.depthwise as tf.Tensor4D, 1, 'same')),
    0,
  ],
  ['two convolutions', (l, x) => l.wide(conv2d(tf.relu(l.norm(conv2d(x, l.conv))), l.other)), 0],
  [
    'not a convolution that something else uses too',
    (l, x) => {
      const y = conv2d(x, l.conv);
      return tf.add(l.norm(y), y);
    },
    1,
  ],
  [
    'not an addition of two convolutions',
    (l, x) => l.norm(tf.add(conv2d(x, l.conv), conv2d(x, l.conv))),
    1,
  ],
  [
    'a convolution with a bias that has four axes',
    (l, x) => l.norm(tf.add(conv2d(x, l.conv), tf.reshape(l.bias, [1, 1, 1, 6]))),
    0,
  ],
  [
    'not an addition of one value per row',
    (l, x) => l.norm(tf.add(conv2d(x, l.square), tf.reshape(l.bias, [6, 1, 1]))),
    1,
  ],
  [
    'not an addition of one value per column',
    (l, x) => l.norm(tf.add(conv2d(x, l.square), tf.reshape(l.bias, [1, 6, 1]))),
    1,
  ],
  [
    'not a convolution with one channel that a bias widens',
    (l, x) => l.norm(tf.add(conv2d(x, l.single), l.bias)),
    1,
  ],
  [
    'not weights that the function writes',
    (l, x) => {
      const y = l.norm(conv2d(x, l.conv));
      l.conv.assign(tf.mul(l.conv, 1));
      return y;
    },
    1,
  ],
])('folds normalisation into %s', (_, apply, left) => {
  const own = layers();
  const run: TensorFunction = ({ x }) => ({ y: apply(own, x!) });
  const counts = foldedOps(run);
  expect(counts.get('FusedBatchNorm') ?? 0).toBe(left);
  expect(counts.has('BiasAdd')).toBe(left === 0);
  const values = tf.randomUniform([...shape], -1, 1, 'float32', 30);
  // Without oneDNN all of them are folded, with it only some. It can be taken for absent, but not for present if it is not.
  for (const oneDnn of ['0', process.env.TF_ENABLE_ONEDNN_OPTS]) {
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', oneDnn);
    const graph = compileGraph({ f: { inputs, run } });
    tf.tidy(() => {
      const [expected, received] = [apply(own, values), graph.run('f', { x: values }).y!];
      const scale = tf.max(tf.abs(expected)).dataSync()[0]!;
      expect(tf.max(tf.abs(tf.sub(expected, received))).dataSync()[0]! / scale).toBeLessThan(1e-5);
    });
    graph.dispose();
  }
  vi.unstubAllEnvs();
  values.dispose();
  tf.disposeVariables();
});

it('leaves a normalisation to TensorFlow where it fuses it: after a Conv2D without bias', () => {
  const { conv, depthwise, bias, norm } = layers();
  const left = (apply: (x: tf.Tensor) => tf.Tensor): number =>
    foldedOps(({ x }) => ({ y: apply(x!) }), { isFusedByTensorFlow: () => true }).get(
      'FusedBatchNorm',
    ) ?? 0;
  expect(left((x) => norm(conv2d(x, conv)))).toBe(1);
  expect(left((x) => norm(tf.add(conv2d(x, conv), bias)))).toBe(0);
  expect(
    left((x) => norm(tf.depthwiseConv2d(x as tf.Tensor4D, depthwise as tf.Tensor4D, 1, 'valid'))),
  ).toBe(0);
  tf.disposeVariables();
});
