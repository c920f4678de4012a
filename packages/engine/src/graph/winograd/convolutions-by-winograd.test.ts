// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWinograd } from '../../native/winograd.ts';
import { useEngine } from '../../use-engine.ts';
import { compileGraph } from '../compile-graph.ts';
import { graphBackend } from '../graph-backend.ts';
import { Graph } from '../graph-node.ts';
import { GraphVariables } from '../graph-variables.ts';
import { mergePadding } from '../inference/merge-padding.ts';
import { fuseBias } from '../inference/fuse-bias.ts';
import { foldBatchNorm } from '../inference/fold-batch-norm.ts';
import { type InputSpec, recordFunction, type TensorFunction } from '../record-function.ts';
import { convolutionsByWinograd } from './convolutions-by-winograd.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
  expect(registerWinograd()).toBe(true);
});

type Padding = 'same' | 'valid' | [number, number];

interface Case {
  image: [count: number, height: number, width: number];
  channels: [number, number];
  padding: Padding;
}

function conv(x: tf.Tensor, filter: tf.Tensor, padding: Padding): tf.Tensor4D {
  const isOwn = Array.isArray(padding);
  const sides: [number, number] = isOwn ? padding : [0, 0];
  const padded = isOwn ? tf.pad(x, [[0, 0], sides, sides, [0, 0]]) : x;
  return tf.conv2d(padded as tf.Tensor4D, filter as tf.Tensor4D, 1, isOwn ? 'valid' : padding);
}

/** A convolution, its gradients, and the numbers to compute them with. */
function problem({ image, channels, padding }: Case): {
  run: TensorFunction;
  inputs: Record<string, tf.Tensor>;
} {
  const [c, k] = channels;
  const x = tf.randomNormal([...image, c], 0, 1, 'float32', 1);
  const filter = tf.randomNormal([3, 3, c, k], 0, Math.sqrt(1 / (9 * c)), 'float32', 2);
  const shape = tf.tidy(() => conv(x, filter, padding).shape);
  const dy = tf.randomNormal(shape, 0, 1, 'float32', 3);
  return {
    inputs: { x, filter, dy },
    run: ({ x, filter, dy }) => {
      const [dx, dFilter] = tf.grads((x, filter) => conv(x, filter, padding))([x!, filter!], dy);
      return { y: conv(x!, filter!, padding), dx: dx!, dFilter: dFilter! };
    },
  };
}

function specsOf(inputs: Record<string, tf.Tensor>): Record<string, InputSpec> {
  const specs = Object.entries(inputs).map(
    ([name, { shape }]) => [name, { shape, dtype: 'float32' }] as const,
  );
  return Object.fromEntries(specs);
}

function opsOf(
  run: TensorFunction,
  inputs: Record<string, tf.Tensor>,
  { oneDnn } = { oneDnn: true },
): { winograd: number; convolutions: number; padded: number } {
  const graph = new Graph();
  const backend = graphBackend();
  const recorded = recordFunction('f', specsOf(inputs), run, {
    graph,
    variables: new GraphVariables(graph, backend),
    backend,
  });
  foldBatchNorm(graph);
  mergePadding(graph);
  fuseBias(graph);
  convolutionsByWinograd(graph, { oneDnn });
  const used = new Set([...recorded.outputs.values()]);
  for (const node of used) for (const { node: input } of node.inputs) used.add(input);
  const count = (pattern: RegExp): number =>
    Array.from(used).filter(({ op }) => pattern.test(op)).length;
  return {
    winograd: count(/^BatchMatMulV2$/),
    convolutions: count(/Conv2D/),
    padded: count(/^Pad/),
  };
}

/** The largest difference, in standard deviations of the second. */
function difference(actual: tf.Tensor, expected: tf.Tensor): number {
  return tf.tidy(() => {
    const deviation = tf.sqrt(tf.moments(expected).variance);
    const largest = tf.max(tf.abs(tf.sub(actual, expected)));
    return tf.div(largest, deviation).dataSync()[0]!;
  });
}

function compare(run: TensorFunction, inputs: Record<string, tf.Tensor>): Record<string, number> {
  const graph = compileGraph({ f: { inputs: specsOf(inputs), run } });
  const actual = graph.run('f', inputs);
  const expected = tf.tidy(() => run(inputs) as Record<string, tf.Tensor>);
  graph.dispose();
  const all = Object.keys(expected).map((name) => {
    expect(actual[name]!.shape).toEqual(expected[name]!.shape);
    return [name, difference(actual[name]!, expected[name]!)] as const;
  });
  tf.dispose([actual, expected]);
  return Object.fromEntries(all);
}

describe('convolutionsByWinograd', () => {
  it('computes convolutions and their gradients as TensorFlow does, whatever their sides and padding', () => {
    const cases = fc.record({
      image: fc.tuple(
        fc.integer({ min: 7, max: 8 }),
        fc.integer({ min: 15, max: 22 }),
        fc.integer({ min: 15, max: 22 }),
      ),
      channels: fc.constantFrom<[number, number]>([64, 80], [80, 64], [128, 64], [96, 96]),
      padding: fc.constantFrom<Padding>('same', 'valid', [1, 1], [2, 2], [0, 2], [1, 0]),
    });
    fc.assert(
      fc.property(cases, (each) => {
        const before = tf.memory().numTensors;
        const { run, inputs } = problem(each);
        expect(opsOf(run, inputs)).toMatchObject({ convolutions: 0, padded: 0 });
        for (const error of Object.values(compare(run, inputs))) expect(error).toBeLessThan(3e-5);
        tf.dispose(inputs);
        expect(tf.memory().numTensors).toBe(before);
      }),
      {
        numRuns: 12,
        seed: 1,
        examples: [
          // Weights for many positions; a batch in two parts.
          [{ image: [32, 4, 4], channels: [256, 256], padding: [1, 1] }],
          [{ image: [8, 62, 64], channels: [128, 64], padding: 'same' }],
        ],
      },
    );
  });

  it('computes a normalisation in inference mode, its bias and a ReLU with the transform of the result', () => {
    const shape = [8, 16, 16, 64];
    const filter = tf.variable(tf.randomNormal([3, 3, 64, 128], 0, 0.05, 'float32', 2));
    const statistics = [3, 4, 5, 6].map((seed) =>
      tf.variable(tf.randomUniform([128], 0.5, 2, 'float32', seed)),
    ) as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
    const normalized = (x: tf.Tensor): tf.Tensor =>
      tf.batchNorm(conv(x, filter, 'same'), ...statistics, 1e-3);
    const inputs = { x: tf.randomNormal(shape, 0, 1, 'float32', 1) };
    for (const activation of [tf.relu, tf.relu6, tf.tanh]) {
      const run: TensorFunction = ({ x }) => ({ y: activation(normalized(x!)) });
      expect(opsOf(run, inputs)).toMatchObject({ winograd: 1, convolutions: 0 });
      expect(compare(run, inputs).y).toBeLessThan(3e-5);
    }
    tf.dispose([filter, ...statistics, inputs]);
  });

  it('adds a residual to a bias and before a ReLU, as in a block of ResNet18', () => {
    const inputs = {
      x: tf.randomNormal([8, 16, 16, 64], 0, 1, 'float32', 1),
      filter: tf.randomNormal([3, 3, 64, 64], 0, 0.05, 'float32', 2),
      bias: tf.randomNormal([64], 0, 1, 'float32', 3),
    };
    const run: TensorFunction = ({ x, filter, bias }) => {
      const biased = tf.add(conv(x!, filter!, 'same'), bias!);
      return { sum: tf.add(biased, x!), block: tf.relu(tf.add(x!, biased)) };
    };
    const apart: TensorFunction = ({ x, filter, bias }) => ({
      y: tf.relu(tf.add(x!, tf.add(conv(x!, filter!, 'same'), bias!))),
    });
    expect(opsOf(apart, inputs)).toMatchObject({ winograd: 1, convolutions: 0 });
    for (const each of [run, apart])
      for (const error of Object.values(compare(each, inputs))) expect(error).toBeLessThan(3e-5);
    tf.dispose(inputs);
  });

  it.each([
    ['relu', tf.relu],
    ['relu6', tf.relu6],
  ])('keeps NaN through %s', (_, activation) => {
    const inputs = {
      x: tf.fill([8, 16, 16, 64], NaN),
      filter: tf.ones([3, 3, 64, 64]),
      bias: tf.ones([64]),
    };
    const run: TensorFunction = ({ x, filter, bias }) => ({
      y: activation(tf.add(conv(x!, filter!, 'same'), bias!)),
    });
    expect(opsOf(run, inputs)).toMatchObject({ winograd: 1, convolutions: 0 });
    const graph = compileGraph({ f: { inputs: specsOf(inputs), run } });
    const { y } = graph.run('f', inputs);
    expect(y!.dataSync().every(Number.isNaN)).toBe(true);
    graph.dispose();
    tf.dispose([y!, inputs]);
  });

  it('without oneDNN, needs more channels, most in the forward pass', () => {
    const of = (channels: number): ReturnType<typeof opsOf> => {
      const { run, inputs } = problem({
        image: [8, 16, 16],
        channels: [channels, channels],
        padding: 'same',
      });
      const ops = opsOf(run, inputs, { oneDnn: false });
      tf.dispose(inputs);
      return ops;
    };
    expect(of(64)).toMatchObject({ winograd: 0, convolutions: 3 });
    expect(of(128)).toMatchObject({ winograd: 2, convolutions: 1 });
    expect(of(256)).toMatchObject({ winograd: 3, convolutions: 0 });
  });

  it('leaves other convolutions as they are', () => {
    const inputs = {
      x: tf.zeros([8, 16, 16, 64]),
      strided: tf.zeros([3, 3, 64, 64]),
      pointwise: tf.zeros([1, 1, 64, 64]),
      wide: tf.zeros([5, 5, 64, 64]),
      odd: tf.zeros([3, 3, 64, 65]),
    };
    const run: TensorFunction = ({ x, strided, pointwise, wide, odd }) => {
      const of = (filter: tf.Tensor, stride = 1, dilation = 1): tf.Tensor =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same', 'NHWC', dilation);
      return {
        strided: of(strided!, 2),
        dilated: of(strided!, 1, 2),
        pointwise: of(pointwise!),
        wide: of(wide!),
        odd: of(odd!),
        few: tf.conv2d(tf.slice(x as tf.Tensor4D, 0, 1), strided as tf.Tensor4D, 1, 'same'),
      };
    };
    expect(opsOf(run, inputs)).toMatchObject({ winograd: 0, convolutions: 6 });
    tf.dispose(inputs);
  });
});
