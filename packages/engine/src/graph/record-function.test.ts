// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { useEngine } from '../use-engine.ts';
import { graphBackend, tensorflowType } from './graph-backend.ts';
import { Graph, specOf } from './graph-node.ts';
import { GraphVariables } from './graph-variables.ts';
import { outputSpecs } from './output-specs.ts';
import { recordFunction } from './record-function.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

it.each<[string, string, (x: tf.Tensor) => tf.Tensor]>([
  ['Slice', 'a part', (x) => tf.slice(x, [0, 1, 2], [2, 3, 1])],
  ['Slice', 'the rest of an axis', (x) => tf.slice(x, [1, 0, 3], [-1, 2, -1])],
  ['ConcatV2', 'the first axis', (x) => tf.concat([x, tf.zeros([3, 4, 5])], 0)],
  ['ConcatV2', 'the last axis', (x) => tf.concat([x, tf.zeros([2, 4, 1])], -1)],
  ['ExpandDims', 'in front', (x) => tf.expandDims(x, 0)],
  ['ExpandDims', 'between', (x) => tf.expandDims(x, 2)],
  ['ExpandDims', 'at the end', (x) => tf.expandDims(x, -1)],
])('infers what %s gives for %s', (op, _, run) => {
  const backend = graphBackend();
  const graph = new Graph();
  const inputs = { x: { shape: [2, 4, 5], dtype: 'float32' } } as const;
  const options = { graph, variables: new GraphVariables(graph, backend), backend };
  recordFunction('f', inputs, ({ x }) => ({ y: run(x!) }), options);
  const node = graph.nodes.find((each) => each.op === op)!;
  const computed = tf.tidy(() => run(tf.zeros([2, 4, 5])));
  const expected = { shape: computed.shape, type: tensorflowType(computed.dtype) };
  expect(outputSpecs(op, node.inputs, node.attributes)).toEqual([expected]);
  expect(specOf({ node, index: 0 })).toEqual(expected);
  computed.dispose();
});

it('leaves out a Reshape to the same shape', () => {
  const backend = graphBackend();
  const graph = new Graph();
  const inputs = { x: { shape: [2, 3], dtype: 'float32' } } as const;
  const options = { graph, variables: new GraphVariables(graph, backend), backend };
  const reshaped = (shape: number[]): string[] => {
    const from = graph.nodes.length;
    const run = ({ x }: Readonly<Record<string, tf.Tensor>>): { y: tf.Tensor } => ({
      y: tf.relu(tf.reshape(x!, shape)),
    });
    recordFunction(`f${shape.length}`, inputs, run, options);
    return graph.nodes.slice(from).map(({ op }) => op);
  };
  expect(reshaped([2, 3])).not.toContain('Reshape');
  expect(reshaped([2, 1, 3])).toContain('Reshape');
});
