import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { relativeError } from '../../../test/support/compare.ts';
import { setEngine } from '../../../test/support/engines.ts';
import { fill } from '../../../test/support/fill.ts';
import { runTflite } from '../../../test/support/litert.ts';
import { runOnnx } from '../../../test/support/onnx-session.ts';
import { type OnnxAttribute, OnnxGraph } from '../../onnx/graph/onnx-graph.ts';
import { fusedActivations } from '../schema.ts';
import { tfliteFromOnnx } from '../tflite-from-onnx.ts';

beforeAll(() => setEngine('cpu'));

const pool = { kernel_shape: [2, 2], strides: [2, 2] };
const convolution = {
  kernel_shape: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
};
type Case = [
  operator: string,
  op: string,
  attributes: Record<string, OnnxAttribute>,
  constant: number[] | undefined,
];

/** Operators that compute the activation, and the constant that each takes; without one, the input twice. */
const fused: Case[] = [
  ['ADD', 'Add', {}, [1]],
  ['SUB', 'Sub', {}, [1]],
  ['MUL', 'Mul', {}, [1]],
  ['DIV', 'Div', {}, [1]],
  ['CONV_2D', 'Conv', { ...convolution, group: 1 }, [2, 4, 3, 3]],
  ['DEPTHWISE_CONV_2D', 'Conv', { ...convolution, group: 4 }, [4, 1, 3, 3]],
  ['FULLY_CONNECTED', 'MatMul', {}, [6, 3]],
  ['AVERAGE_POOL_2D', 'AveragePool', pool, []],
  ['MAX_POOL_2D', 'MaxPool', pool, []],
];
const cases: Case[] = [...fused, ['CONCATENATION', 'Concat', { axis: 1 }, undefined]];

it('an activation is computed by the operator before it only where LiteRT does so', async () => {
  const graph = new OnnxGraph();
  const shape = [1, 4, 6, 6];
  graph.inputs = [{ name: graph.freshName('x'), type: 'float32', dims: shape }];
  for (const [operator, op, attributes, constant] of cases) {
    const others = constant === undefined ? ['x'] : [];
    if (constant && constant.length > 0) {
      const count = constant.reduce((product, side) => product * side, 1);
      const numbers = count === 1 ? [-0.5] : fill(operator, count);
      others.push(graph.floats(`${operator}/constant`, numbers, constant));
    }
    const before = graph.add(op, ['x', ...others], operator, attributes);
    const name = graph.add('Relu', [before], `${operator}/relu`);
    graph.outputs.push({ name, type: 'float32', dims: ['n', 'c', 'h', 'w'] });
  }
  // Most windows of the maximum have a positive number; the first has none.
  const image = Array.from(fill('x', 144), (value, i) => ([0, 1, 6, 7].includes(i) ? -1 : value));
  const x = tf.tensor4d(image, [1, 4, 6, 6]);
  const tflite = tfliteFromOnnx(graph);
  const computed = tflite.ops
    .filter(({ options }) => options.fusedActivationFunction === fusedActivations.relu)
    .map(({ op }) => op);
  expect(computed).toEqual(fused.map(([operator]) => operator));
  const expected = await runOnnx(graph, [x]);
  for (const [i, output] of (await runTflite(tflite, [x])).entries()) {
    const truth = expected[i]!.data as Float32Array;
    const [operator] = cases[i]!;
    // Zeros show that the activation is computed.
    expect([operator, truth.includes(0)]).toEqual([operator, true]);
    expect([operator, relativeError(output, truth) < 1e-5]).toEqual([operator, true]);
  }
  x.dispose();
});
