// @module-tag native-engine
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../use-engine.ts';
import { compileGraph } from './compile-graph.ts';
import { withControlDependency } from './control-dependency.ts';
import { DataType, graphBackend } from './graph-backend.ts';
import { Graph, specOf } from './graph-node.ts';
import { GraphVariables } from './graph-variables.ts';
import { recordFunction } from './record-function.ts';
import { toBfloat16 } from './to-bfloat16.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

describe('compileGraph', () => {
  it('runs several functions that share a variable', () => {
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
    const read = (outputs: Record<string, tf.Tensor>): number[][] =>
      Object.values(outputs).map((tensor) => {
        const values = Array.from(tensor.dataSync());
        tensor.dispose();
        return values;
      });
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

it.each([1, 2])('computes the filter gradient of a 1x1 convolution with stride %d', (stride) => {
  const [side, channels, filters] = [7, 5, 3];
  const seen = Math.ceil(side / stride);
  const [x, dy] = [
    tf.randomNormal<tf.Rank.R4>([2, side, side, channels], 0, 1, 'float32', 1),
    tf.randomNormal<tf.Rank.R4>([2, seen, seen, filters], 0, 1, 'float32', 2),
  ];
  const graph = compileGraph({
    gradient: {
      inputs: {
        x: { shape: x.shape, dtype: 'float32' },
        dy: { shape: dy.shape, dtype: 'float32' },
      },
      run: (given) => {
        const output = (filter: tf.Tensor): tf.Scalar =>
          tf.sum(
            tf.mul(
              given.dy!,
              tf.conv2d(given.x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same'),
            ),
          );
        return { filter: tf.grad(output)(tf.zeros([1, 1, channels, filters])) };
      },
    },
  });
  const received = tf.tidy(() => graph.run('gradient', { x, dy }).filter!.dataSync());
  const [images, gradients] = [x.arraySync(), dy.arraySync()];
  // The definition: the sum over all positions of input value times output gradient.
  const expected = Array.from({ length: channels * filters }, (_, i) =>
    gradients
      .flatMap((rows, n) =>
        rows.flatMap((row, y) =>
          row.map(
            (values, z) =>
              values[i % filters]! * images[n]![y * stride]![z * stride]![Math.floor(i / filters)]!,
          ),
        ),
      )
      .reduce((sum, product) => sum + product),
  );
  expect(Array.from(received)).toEqual(expected.map((value) => expect.closeTo(value, 4) as number));
  graph.dispose();
  tf.dispose([x, dy]);
});

it('distinguishes variables that share their data at compile time', () => {
  const weight = tf.variable(tf.tensor1d([1, 2]));
  const average = tf.variable(weight.clone(), false);
  const graph = compileGraph({
    step: {
      inputs: {},
      run: () => {
        weight.assign(tf.mul(weight, 2));
        average.assign(tf.div(tf.add(average, weight), 2));
        return { sum: tf.sum(tf.add(weight, average)) };
      },
    },
  });
  const sums = [0, 1].map(() => tf.tidy(() => graph.run('step', {}).sum!.dataSync()[0]!));
  graph.dispose();
  expect(weight.dataSync()).toEqual(Float32Array.of(4, 8));
  expect(average.dataSync()).toEqual(Float32Array.of(2.75, 5.5));
  expect(sums).toEqual([6 + 4.5, 12 + 8.25]);
  tf.dispose([weight, average]);
});

it.each<[string, (a: tf.Variable, b: tf.Variable) => void, number[], number[]]>([
  [
    'swap their values',
    (a, b) => {
      const kept = a.clone();
      a.assign(b);
      b.assign(kept);
    },
    [3, 4],
    [1, 2],
  ],
  [
    'pass their values on',
    (a, b) => {
      b.assign(a);
      a.assign(tf.tensor1d([9, 9]));
    },
    [9, 9],
    [1, 2],
  ],
  [
    'are read after a write',
    (a, b) => {
      const before = a.clone();
      a.assign(tf.mul(b, 2));
      b.assign(tf.add(before, a));
    },
    [6, 8],
    [7, 10],
  ],
])('variables that %s get the same values as kernel by kernel', (_, change, first, second) => {
  const [a, b] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3, 4]))];
  const graph = compileGraph({
    step: {
      inputs: {},
      run: () => {
        change(a, b);
        return { done: tf.scalar(1) };
      },
    },
  });
  tf.dispose(graph.run('step', {}));
  graph.dispose();
  expect([a, b].map((variable) => Array.from(variable.dataSync()))).toEqual([first, second]);
  tf.dispose([a, b]);
});

it('frees the arrays of weights that move into the session', async () => {
  const numbers = 2 ** 22;
  const arrays: WeakRef<Float32Array>[] = [];
  // In a function of its own, because a variable of this one would keep the array.
  const ones = (): tf.Variable => {
    const array = new Float32Array(numbers).fill(1);
    arrays.push(new WeakRef(array));
    return tf.variable(tf.tensor1d(array));
  };
  const weight = ones();
  // A new WeakRef keeps its array until the program has returned to the event loop.
  await setImmediate();
  const graph = compileGraph({ sum: { inputs: {}, run: () => ({ sum: tf.sum(weight) }) } });
  const { sum } = graph.run('sum', {});
  expect(arrays.map((array) => array.deref())).toEqual([undefined]);
  expect(sum!.dataSync()[0]).toBe(numbers);
  sum!.dispose();
  graph.dispose();
  tf.disposeVariables();
});

it('accepts one of its own variables as an input', () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const before = tf.memory().numTensors;
  const graph = compileGraph({
    f: {
      inputs: { x: { shape: [2], dtype: 'float32' } },
      run: ({ x }) => {
        w.assign(tf.add(w, x!));
        return { sum: tf.sum(w) };
      },
    },
  });
  const sums = [0, 1, 2].map(() => tf.tidy(() => graph.run('f', { x: w }).sum!.dataSync()[0]!));
  expect(sums).toEqual([6, 12, 24]);
  expect(Array.from(w.dataSync())).toEqual([8, 16]);
  graph.dispose();
  expect(tf.memory().numTensors).toBe(before);
  w.dispose();
});

it('compiles functions that share constants and variables', () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const inputs = { x: { shape: [2], dtype: 'float32' } } as const;
  const graph = compileGraph({
    one: { inputs, run: ({ x }) => ({ y: tf.add(tf.mul(x!, 2), w) }) },
    other: { inputs, run: ({ x }) => ({ y: tf.sub(tf.mul(w, 2), tf.add(x!, 3)) }) },
  });
  const run = (name: string): number[] =>
    tf.tidy(() => Array.from(graph.run(name, { x: Float32Array.of(10, 20) }).y!.dataSync()));
  expect(run('one')).toEqual([21, 42]);
  expect(run('other')).toEqual([-11, -19]);
  graph.dispose();
  w.dispose();
});

describe('compileGraph refuses', () => {
  it('a random draw in JavaScript in one of several functions', () => {
    const small = {
      inputs: { x: { shape: [1], dtype: 'float32' } },
      run: ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.neg(t!) }),
    } as const;
    const large = {
      inputs: { x: { shape: [8], dtype: 'float32' } },
      run: ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.add(tf.randomUniform([8]), t!) }),
    } as const;
    expect(() => compileGraph({ small, large })).toThrow(
      /Function large cannot be compiled: it computes with other numbers each time/,
    );
  });

  it('another constant in each recording, where an equal one is known', () => {
    const inputs = { x: { shape: [1], dtype: 'float32' } } as const;
    let drawn = 0;
    const functions = {
      fixed: {
        inputs,
        run: ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.mul(tf.add(t!, 1), 2) }),
      },
      drawing: {
        inputs,
        run: ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.mul(t!, ++drawn) }),
      },
    } as const;
    expect(() => compileGraph(functions)).toThrow(/Function drawing cannot be compiled/);
    expect(drawn).toBe(2);
  });

  const x = { x: { shape: [2], dtype: 'float32' } } as const;

  it.each([
    [
      'reading values',
      ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.mul(t!, t!.dataSync()[0]!) }),
      /reads the values/,
    ],
    [
      'making variables',
      ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.add(tf.variable(tf.zeros([2])), t!) }),
      /creates 1 variables/,
    ],
    [
      'drawing in JavaScript',
      ({ x: t }: Record<string, tf.Tensor>) => ({ y: tf.add(tf.randomUniform([2]), t!) }),
      /other numbers each time/,
    ],
  ])('%s', (_, run, message) => {
    const before = tf.memory().numTensors;
    expect(() => compileGraph({ f: { inputs: x, run } })).toThrow(
      expect.objectContaining({
        code: 'not-compilable',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('calls with wrong names, inputs or shapes', () => {
    const graph = compileGraph({ f: { inputs: x, run: ({ x: t }) => ({ y: tf.neg(t!) }) } });
    const calls = [
      () => graph.run('g', {}),
      () => graph.run('f', {}),
      () => graph.run('f', { x: new Float32Array(3) }),
      () => graph.run('f', { x: new Int32Array(2) }),
      () => graph.run('f', { x: tf.tensor1d([1, 2, 3]) }),
    ];
    for (const call of calls)
      expect(() => tf.tidy(call)).toThrow(
        expect.objectContaining({ code: 'bad-graph-call' }) as Error,
      );
    graph.dispose();
    expect(() => graph.run('f', { x: new Float32Array(2) })).toThrow('disposed');
  });
});

it('infers shapes by rule or by running the kernel', () => {
  const run = ({ x }: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const image = x as tf.Tensor4D;
    const { values, indices } = tf.topk(tf.reshape(image, [2, 75]), 3);
    return {
      values,
      indices,
      resized: tf.image.resizeBilinear(image, [3, 4]),
      split: tf.split(image, 5, 1)[4]!,
      cumulated: tf.cumsum(image, 1),
      gathered: tf.gather(image, tf.tensor1d([1, 0], 'int32')),
      large: tf.add(tf.ones([40, 40]), tf.sum(image)),
      masked: tf.where(tf.greater(image, 0.5), image, tf.zerosLike(image)),
    };
  };
  const x = tf.randomUniform([2, 5, 5, 3], 0, 1, 'float32', 1);
  const graph = compileGraph({
    f: { inputs: { x: { shape: [2, 5, 5, 3], dtype: 'float32' } }, run },
  });
  tf.tidy(() => {
    const expected = run({ x });
    for (const [name, actual] of Object.entries(graph.run('f', { x }))) {
      expect(actual.shape, name).toEqual(expected[name]!.shape);
      const difference = Math.max(
        ...Array.from(actual.dataSync(), (value, i) =>
          Math.abs(value - expected[name]!.dataSync()[i]!),
        ),
      );
      expect(difference, name).toBeLessThan(1e-4);
    }
  });
  graph.dispose();
  x.dispose();
});

describe('withControlDependency', () => {
  const run = ({ x }: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const image = x as tf.Tensor4D;
    const filter = tf.fill<tf.Rank.R4>([3, 3, 2, 2], 0.25);
    const once = tf.conv2d(image, filter, 1, 'same');
    const last = tf.sum(once);
    const again = tf.conv2d(
      tf.relu(withControlDependency(once, last) as tf.Tensor4D),
      filter,
      1,
      'same',
    );
    return { again };
  };
  const x = { shape: [1, 4, 4, 2], dtype: 'float32' as const };

  it.each(['float32', 'bfloat16'] as const)('passes its first argument on, in %s', (precision) => {
    const graph = compileGraph({ f: { inputs: { x }, run } }, { precision });
    const image = tf.ones([1, 4, 4, 2]);
    tf.tidy(() => {
      // Sums of multiples of 1/4 up to 81 are exact in both types.
      expect(graph.run('f', { x: image }).again!.dataSync()).toEqual(
        run({ x: image }).again!.dataSync(),
      );
    });
    graph.dispose();
    image.dispose();
  });

  it('makes what is computed from it wait, in the type of the activations', () => {
    const graph = new Graph();
    const backend = graphBackend();
    const variables = new GraphVariables(graph, backend);
    recordFunction('f', { x }, run, { graph, variables, backend });
    toBfloat16(graph);
    const node = graph.nodes.find(({ op, controls }) => op === 'Identity' && controls.length > 0)!;
    expect(node.controls.map(({ op }) => op)).toEqual(['Sum']);
    expect(node.inputs[0]!.node.op).toBe('Conv2D');
    expect(specOf({ node, index: 0 }).type).toBe(DataType.bfloat16);
    expect(graph.nodes.find(({ op }) => op === 'Relu')!.inputs[0]!.node).toBe(node);
  });

  it('returns its first argument outside of a graph', () => {
    const [one, other] = [tf.scalar(1), tf.scalar(2)];
    expect(withControlDependency(one, other)).toBe(one);
    tf.dispose([one, other]);
  });
});
