import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../use-engine.ts';
import { compileGraph } from './compile-graph.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

describe('compileGraph', () => {
  it('runs functions of tensors, several sharing a variable', () => {
    const before = tf.memory().numTensors;
    const total = tf.variable(tf.tensor1d([1, 2]));
    const graph = compileGraph({
      add: {
        inputs: { x: { shape: [2], dtype: 'float32' } },
        run: ({ x }) => {
          total.assign(tf.add(total, x!));
          return { twice: tf.mul(total, 2) };
        },
      },
      mean: { inputs: {}, run: () => ({ mean: tf.mean(total) }) },
    });
    expect(total.dataSync()).toEqual(Float32Array.of(1, 2));
    const read = (outputs: Record<string, tf.Tensor>): number[][] => Object.values(outputs).map((tensor) => { const values = Array.from(tensor.dataSync()); tensor.dispose(); return values; });
    expect(read(graph.run('add', { x: Float32Array.of(10, 20) }))).toEqual([[22, 44]]);
    expect(read(graph.run('add', { x: tf.tensor1d([1, 1]) }))).toEqual([[24, 46]]);
    expect(read(graph.run('mean', {}))).toEqual([[17.5]]);
    const kept = total.clone();
    expect(total.dataSync()).toEqual(Float32Array.of(12, 23));
    graph.run('add', { x: Float32Array.of(1, 1) });
    expect(kept.dataSync()).toEqual(Float32Array.of(12, 23));
    expect(total.dataSync()).toEqual(Float32Array.of(13, 24));
    total.assign(tf.tensor1d([5, 5]));
    expect(read(graph.run('mean', {}))).toEqual([[5]]);
    graph.run('add', { x: Float32Array.of(1, 1) });
    graph.dispose();
    expect(total.dataSync()).toEqual(Float32Array.of(6, 6));
    tf.disposeVariables();
    expect(tf.memory().numTensors - before).toBeGreaterThanOrEqual(0);
  });
});
