import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { patchStridedPointwiseGradient } from './strided-pointwise-gradient.ts';

type Attrs = Record<'strides' | 'pad' | 'dataFormat' | 'filterShape', unknown>;

const kernelName = 'Conv2DBackpropFilter';
const backendName = 'tensorflow';

/** The last arguments of the vendor's kernel. */
let seen: { x: tf.Tensor4D; shape: readonly number[]; attrs: Attrs } | undefined;

/**
 * Stands in for the vendor's kernel: computes the gradient of a 1x1 filter without a stride by a
 * matrix product.
 */
const vendor: tf.KernelFunc = ({ inputs, attrs }) => {
  const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
  seen = { x, shape: x.shape, attrs: attrs as unknown as Attrs };
  if (seen.attrs.strides !== 1) return dy;
  return tf.tidy(() =>
    tf.matMul(tf.reshape(x, [-1, x.shape[3]]), tf.reshape(dy, [-1, dy.shape[3]]), true),
  );
};

const call = (x: tf.Tensor4D, dy: tf.Tensor4D, attrs: Attrs): tf.Tensor => {
  const { kernelFunc } = tf.getKernel(kernelName, backendName);
  return kernelFunc({
    inputs: { x, dy },
    attrs: attrs as unknown as tf.NamedAttrMap,
    backend: {},
  }) as tf.Tensor;
};

// The native backend is not loaded: these tests check which calls reach its kernel.
describe('the filter gradient of strided 1x1 convolutions', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    tf.registerKernel({ kernelName, backendName, kernelFunc: vendor });
    patchStridedPointwiseGradient();
  });

  it.each([2, 3, [2, 1]])(
    "calls the vendor's kernel without stride %j, on the pixels that the filter sees",
    (strides) => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const [down, across] = (typeof strides === 'number' ? [strides, strides] : strides) as [
          number,
          number,
        ];
        const x = tf.randomNormal<tf.Rank.R4>([2, 6, 6, 4], 0, 1, 'float32', 1);
        const dy = tf.randomNormal<tf.Rank.R4>([2, 6 / down, 6 / across, 5], 0, 1, 'float32', 2);
        const gradient = call(x, dy, {
          strides,
          pad: 'same',
          dataFormat: 'NHWC',
          filterShape: [1, 1, 4, 5],
        });
        expect(seen).toMatchObject({
          shape: [2, 6 / down, 6 / across, 4],
          attrs: { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: [1, 1, 4, 5] },
        });

        // The definition: the sum over all positions of input value times output gradient.
        const [values, grads] = [x.arraySync(), dy.arraySync()];
        const expected = Array.from({ length: 4 }, (_, i) =>
          Array.from({ length: 5 }, (_, o) =>
            grads.reduce(
              (sum, image, n) =>
                image.reduce(
                  (rows, row, y) =>
                    row.reduce(
                      (all, dot, z) => all + dot[o]! * values[n]![y * down]![z * across]![i]!,
                      rows,
                    ),
                  sum,
                ),
              0,
            ),
          ),
        );
        expect(tf.max(tf.abs(tf.sub(gradient, expected))).dataSync()[0]).toBeLessThan(1e-5);
      });
      expect(seen!.x.isDisposed).toBe(true);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.each<[string, Attrs]>([
    ['larger filters', { strides: 2, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 4, 5] }],
    ['no stride', { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', filterShape: [1, 1, 4, 5] }],
    ['channels first', { strides: 2, pad: 'same', dataFormat: 'NCHW', filterShape: [1, 1, 4, 5] }],
  ])('passes calls with %s through', (_, attrs) => {
    tf.tidy(() => {
      const x = tf.zeros<tf.Rank.R4>([2, 6, 6, 4]);
      call(x, tf.zeros<tf.Rank.R4>([2, 6, 6, 5]), attrs);
      expect(seen!.x).toBe(x);
      expect(seen!.attrs).toBe(attrs);
    });
  });

  it('is patched only once', () => {
    const patched = tf.getKernel(kernelName, backendName).kernelFunc;
    patchStridedPointwiseGradient();
    expect(tf.getKernel(kernelName, backendName).kernelFunc).toBe(patched);
  });
});
