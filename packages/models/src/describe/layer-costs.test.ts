import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { input, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { multiHeadAttention } from '../layers/attention/keras-multi-head-attention.ts';
import { layerCost } from './layer-costs.ts';
import { modelSteps } from './model-steps.ts';

it.each([
  ['with itself', [[5, 4]]],
  [
    'with values',
    [
      [5, 4],
      [3, 6],
    ],
  ],
  [
    'with values and keys',
    [
      [5, 4],
      [3, 6],
      [3, 2],
    ],
  ],
] as [string, number[][]][])(
  'the multiply-adds of the attention of a sequence %s are those of its matrix products',
  async (_, shapes) => {
    await tf.setBackend('cpu');
    const inputs = shapes.map((shape) => input({ shape }));
    const attention = multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 4, outputShape: 7 });
    const outputs = attention.apply(inputs) as SymbolicTensor;
    const { steps } = modelSteps(model({ inputs, outputs }), shapes);
    const step = steps.at(-1)!;
    const { kernels } = await tf.profile(() =>
      tf.tidy(() => attention.apply(shapes.map((shape) => tf.ones([1, ...shape]))) as tf.Tensor),
    );
    const products = kernels.filter(({ name }) => name === 'BatchMatMul');
    // Four projections, the scores, and the sums of values.
    expect(products).toHaveLength(6);
    const counts = products.map(
      ({ inputShapes, outputShapes }) =>
        tf.util.sizeFromShape(outputShapes[0]!) * inputShapes[0]!.at(-1)!,
    );
    expect(layerCost(step)!.multiplyAdds!(step)).toBe(counts.reduce((sum, count) => sum + count));
    attention.dispose();
  },
);
