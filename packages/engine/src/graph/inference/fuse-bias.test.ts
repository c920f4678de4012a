// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { useEngine } from '../../use-engine.ts';
import { compileGraph } from '../compile-graph.ts';
import { graphBackend } from '../graph-backend.ts';
import { Graph } from '../graph-node.ts';
import { GraphVariables } from '../graph-variables.ts';
import { recordFunction, type TensorFunction } from '../record-function.ts';
import { fuseBias } from './fuse-bias.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const inputs = { x: { shape: [2, 6, 5, 3], dtype: 'float32' } } as const;
const filter = (): tf.Tensor4D => tf.randomUniform([3, 3, 3, 2], -1, 1, 'float32', 1);
const bias = (): tf.Tensor => tf.tensor1d([0.5, -0.5]);
/** Has two outputs per channel. */
const depthwise = (x: tf.Tensor4D): tf.Tensor => tf.depthwiseConv2d(x, filter(), 2, 'same');
const depthwiseBias = (): tf.Tensor => tf.tensor1d([0.5, -0.5, 1, -1, 0.25, 0]);
const pointwise = (): tf.Tensor4D => tf.randomUniform([1, 1, 2, 2], -1, 1, 'float32', 4);
/** Has the shape of the convolution. */
const residual = (x: tf.Tensor4D): tf.Tensor4D => tf.slice(tf.neg(x), [0, 0, 0, 0], [2, 3, 3, 2]);
const convolution = (x: tf.Tensor4D): tf.Tensor => tf.conv2d(x, filter(), 2, 'same');

it.each<[string, (x: tf.Tensor4D) => tf.Tensor, string[] | undefined]>([
  ['a bias', (x) => tf.add(convolution(x), bias()), ['BiasAdd']],
  ['a bias and ReLU', (x) => tf.relu(tf.add(convolution(x), bias())), ['BiasAdd', 'Relu']],
  [
    'a bias and ReLU6, with padding',
    (x) => {
      const padded = tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 0],
      ]);
      return tf.relu6(tf.add(tf.conv2d(padded, filter(), 1, 'valid'), bias()));
    },
    ['BiasAdd', 'Relu6'],
  ],
  [
    'not an activation that is not the only use',
    (x) => {
      const y = tf.add(convolution(x), bias());
      return tf.add(tf.relu(y), y);
    },
    ['BiasAdd'],
  ],
  [
    'not a convolution that something else uses',
    (x) => {
      const y = convolution(x);
      return tf.add(tf.add(y, bias()), y);
    },
    undefined,
  ],
  [
    'not a bias that widens one channel',
    (x) => {
      const single = tf.randomUniform<tf.Rank.R4>([3, 3, 3, 1], -1, 1, 'float32', 3);
      return tf.relu(tf.add(tf.conv2d(x, single, 2, 'same'), bias()));
    },
    undefined,
  ],
  [
    'a bias and ReLU6, into a depthwise convolution',
    (x) => tf.relu6(tf.add(depthwise(x), depthwiseBias())),
    ['BiasAdd', 'Relu6'],
  ],
  [
    'a bias and ReLU, through a Reshape to the same shape',
    (x) => tf.relu(tf.reshape(tf.add(depthwise(x), depthwiseBias()), [2, 3, 3, 6])),
    ['BiasAdd', 'Relu'],
  ],
  [
    'not ReLU after a Reshape to another shape',
    (x) => tf.relu(tf.reshape(tf.add(depthwise(x), depthwiseBias()), [2, 9, 6])),
    ['BiasAdd'],
  ],
  ['not another addition', (x) => tf.relu(tf.add(convolution(x), convolution(x))), undefined],
  [
    'a bias and a residual',
    (x) => tf.add(residual(x), tf.add(convolution(x), bias())),
    ['BiasAdd', 'Add'],
  ],
  [
    'a bias, a residual and ReLU',
    (x) => tf.relu(tf.add(tf.add(convolution(x), bias()), residual(x))),
    ['BiasAdd', 'Add', 'Relu'],
  ],
  [
    'a residual that is used before and after the sum',
    (x) => {
      const y = residual(x);
      const sum = tf.add(y, tf.add(tf.conv2d(y, pointwise(), 1, 'same'), bias()));
      return tf.concat([sum, y, tf.relu(y)], -1);
    },
    ['BiasAdd', 'Add'],
  ],
  [
    'a residual that is a biased convolution itself',
    (x) =>
      tf.relu(
        tf.add(
          tf.add(convolution(x), bias()),
          tf.add(tf.conv2d(x, filter(), 2, 'same'), tf.neg(bias())),
        ),
      ),
    ['BiasAdd', 'Add', 'Relu'],
  ],
  [
    'not a residual of another shape',
    (x) => tf.add(tf.add(convolution(x), bias()), tf.mean(residual(x), [1, 2], true)),
    ['BiasAdd'],
  ],
  [
    'not a residual into a depthwise convolution',
    (x) => tf.add(tf.add(depthwise(x), depthwiseBias()), tf.neg(depthwise(x))),
    ['BiasAdd'],
  ],
  [
    'not a sum with itself',
    (x) => {
      const y = tf.add(convolution(x), bias());
      return tf.add(y, y);
    },
    ['BiasAdd'],
  ],
])('fuses into a convolution %s', (_, apply, fused) => {
  const run: TensorFunction = ({ x }) => ({ y: apply(x as tf.Tensor4D) });
  const recorded = new Graph();
  const backend = graphBackend();
  const variables = new GraphVariables(recorded, backend);
  recordFunction('f', inputs, run, { graph: recorded, variables, backend });
  fuseBias(recorded, { oneDnn: true });
  const found = recorded.nodes.filter(({ op }) => op.startsWith('_Fused')).at(-1);
  expect(found?.attributes.get('fused_ops')?.value).toEqual(fused);
  const graph = compileGraph({ f: { inputs, run } });
  const x = tf.randomUniform<tf.Rank.R4>([2, 6, 5, 3], -1, 1, 'float32', 2);
  tf.tidy(() => {
    const difference = tf.max(tf.abs(tf.sub(apply(x), graph.run('f', { x }).y!))).dataSync()[0]!;
    expect(difference).toBeLessThan(1e-5);
  });
  graph.dispose();
  x.dispose();
});

it.each<[string, (x: tf.Tensor4D) => tf.Tensor, string[]]>([
  [
    'a depthwise convolution',
    (x) => tf.relu(tf.add(depthwise(x), depthwiseBias())),
    ['DepthwiseConv2dNative', 'Add', 'Relu'],
  ],
  [
    'a residual',
    (x) => tf.relu(tf.add(tf.add(convolution(x), bias()), residual(x))),
    ['_FusedConv2D', 'Add', 'Relu'],
  ],
])('without oneDNN, which has the op, leaves alone %s', (_, apply, ops) => {
  const graph = new Graph();
  const backend = graphBackend();
  const variables = new GraphVariables(graph, backend);
  const run: TensorFunction = ({ x }) => ({ y: apply(x as tf.Tensor4D) });
  recordFunction('f', inputs, run, { graph, variables, backend });
  fuseBias(graph);
  expect(graph.nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(ops));
});
