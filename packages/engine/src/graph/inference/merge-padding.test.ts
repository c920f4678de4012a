// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { useEngine } from '../../use-engine.ts';
import { compileGraph, type Precision } from '../compile-graph.ts';
import { graphBackend } from '../graph-backend.ts';
import { Graph } from '../graph-node.ts';
import { GraphVariables } from '../graph-variables.ts';
import { recordFunction, type TensorFunction } from '../record-function.ts';
import { toBfloat16 } from '../to-bfloat16.ts';
import { consumersOf } from './consumers.ts';
import { mergePadding } from './merge-padding.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const inputs = { x: { shape: [2, 6, 5, 3], dtype: 'float32' } } as const;
const filter = (): tf.Tensor4D => tf.randomUniform([3, 3, 3, 2], -1, 1, 'float32', 1);
/** Every side has another padding. */
const sides: [number, number][] = [
  [0, 0],
  [1, 2],
  [0, 3],
  [0, 0],
];
/** Those of `SAME` for a window of 3 and a stride of 2: the odd zero is after the six rows. */
const sameSides: [number, number][] = [
  [0, 0],
  [0, 1],
  [1, 1],
  [0, 0],
];

it.each<[string, Precision, (x: tf.Tensor4D) => tf.Tensor, number]>([
  ['a convolution', 'float32', (x) => tf.conv2d(tf.pad(x, sides), filter(), 2, 'valid'), 1],
  [
    'one in bfloat16',
    'bfloat16',
    (x) =>
      tf.conv2d(
        tf.pad(tf.conv2d(x, tf.ones([1, 1, 3, 3]), 1, 'same'), sides),
        filter(),
        2,
        'valid',
      ),
    1,
  ],
  [
    'a depthwise convolution, if TensorFlow pads in the same way',
    'float32',
    (x) => tf.depthwiseConv2d(tf.pad(x, sameSides), filter(), 2, 'valid'),
    1,
  ],
  [
    'not a depthwise convolution, with the odd zero before the rows',
    'float32',
    (x) =>
      tf.depthwiseConv2d(
        tf.pad(x, [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ]),
        filter(),
        2,
        'valid',
      ),
    0,
  ],
  [
    'not a depthwise convolution, with other padding',
    'float32',
    (x) => tf.depthwiseConv2d(tf.pad(x, sides), filter(), 1, 'valid'),
    0,
  ],
  [
    'not other values than 0',
    'float32',
    (x) => tf.conv2d(tf.pad(x, sides, 1), filter(), 1, 'valid'),
    0,
  ],
  [
    'not padding that something else uses',
    'float32',
    (x) => {
      const padded = tf.pad(x, sides);
      return tf.add(tf.conv2d(padded, filter(), 1, 'valid'), tf.sum(padded));
    },
    0,
  ],
  [
    'not a convolution that pads',
    'float32',
    (x) => tf.conv2d(tf.pad(x, sides), filter(), 1, 'same'),
    0,
  ],
])('merges padding into %s', (_, precision, apply, count) => {
  const run: TensorFunction = ({ x }) => ({ y: apply(x as tf.Tensor4D) });
  const recorded = new Graph();
  const backend = graphBackend();
  const variables = new GraphVariables(recorded, backend);
  recordFunction('f', inputs, run, { graph: recorded, variables, backend });
  if (precision === 'bfloat16') toBfloat16(recorded);
  mergePadding(recorded);
  const consumers = consumersOf(recorded.nodes);
  const merged = recorded.nodes.filter(
    (node) => node.op === 'PadV2' && consumers.get(node)!.length === 0,
  );
  expect(merged).toHaveLength(count);
  const graph = compileGraph({ f: { inputs, run } }, { precision });
  const x = tf.randomUniform<tf.Rank.R4>([2, 6, 5, 3], -1, 1, 'float32', 2);
  tf.tidy(() => {
    const difference = tf.max(tf.abs(tf.sub(apply(x), graph.run('f', { x }).y!))).dataSync()[0]!;
    expect(difference).toBeLessThan(precision === 'float32' ? 1e-5 : 0.1);
  });
  graph.dispose();
  x.dispose();
});
