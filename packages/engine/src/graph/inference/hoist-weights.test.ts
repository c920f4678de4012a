// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { useEngine } from '../../use-engine.ts';
import { compileGraph, type GraphFunction } from '../compile-graph.ts';
import { graphBackend } from '../graph-backend.ts';
import { Graph } from '../graph-node.ts';
import { GraphVariables } from '../graph-variables.ts';
import { recordFunction } from '../record-function.ts';
import { hoistWeights } from './hoist-weights.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

/** Functions for one and two numbers, with the same expression of weights. */
function functions(weight: tf.Variable, scale: tf.Variable): Record<string, GraphFunction> {
  const run: GraphFunction['run'] = ({ x }) => ({
    y: tf.mul(x!, tf.reshape(tf.mul(tf.add(weight, 1), scale), [1])),
  });
  return Object.fromEntries(
    [1, 2].map((count) => [
      `f${count}`,
      { inputs: { x: { shape: [count], dtype: 'float32' as const } }, run },
    ]),
  );
}

it('makes one variable of an expression that several functions contain', () => {
  const [weight, scale] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  const graph = new Graph();
  const backend = graphBackend();
  const variables = new GraphVariables(graph, backend);
  for (const [name, { inputs, run }] of Object.entries(functions(weight, scale)))
    recordFunction(name, inputs, run, { graph, variables, backend });
  expect(hoistWeights(graph)?.controls).toHaveLength(1);
  expect(graph.nodes.filter(({ op }) => op === 'VarHandleOp')).toHaveLength(3);
  expect(hoistWeights(new Graph())).toBeUndefined();
  tf.dispose([weight, scale]);
});

it('computes the expression again after an assignment of each of its variables', () => {
  const [weight, scale] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  const graph = compileGraph(functions(weight, scale));
  const results = (): number[] =>
    tf.tidy(() => [
      ...graph.run('f1', { x: Float32Array.of(1) }).y!.dataSync(),
      ...graph.run('f2', { x: Float32Array.of(1, 10) }).y!.dataSync(),
    ]);
  expect(results()).toEqual([4, 4, 40]);
  weight.assign(tf.scalar(2));
  expect(results()).toEqual([6, 6, 60]);
  scale.assign(tf.scalar(5));
  expect(results()).toEqual([15, 15, 150]);
  expect(weight.dataSync()[0]).toBe(2);
  graph.dispose();
  tf.dispose([weight, scale]);
});

it('leaves an expression of a variable that a function writes', () => {
  const weight = tf.variable(tf.scalar(1));
  const graph = compileGraph({
    step: {
      inputs: {},
      run: () => {
        weight.assign(tf.add(weight, 1));
        return { done: tf.scalar(1) };
      },
    },
    twice: {
      inputs: { x: { shape: [], dtype: 'float32' } },
      run: ({ x }) => ({ y: tf.mul(x!, tf.add(weight, weight)) }),
    },
  });
  const twice = (): number => tf.tidy(() => graph.run('twice', { x: 1 }).y!.dataSync()[0]!);
  expect(twice()).toBe(2);
  tf.dispose(graph.run('step', {}));
  expect(twice()).toBe(4);
  graph.dispose();
  weight.dispose();
});
