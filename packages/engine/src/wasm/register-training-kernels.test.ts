import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
// Registers the gradients of the ops.
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWasmTrainingKernels } from './register-training-kernels.ts';

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  registerWasmTrainingKernels();
  await tf.setBackend('wasm');
});

type Values = Record<string, { readonly shape: number[]; readonly values: Float32Array }>;

/** Runs `program` on one backend with tensors made from seeds, and downloads its results. */
async function runOn(backend: string, program: () => Record<string, tf.Tensor>): Promise<Values> {
  await tf.setBackend(backend);
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(program()).map(([name, t]) => [
        name,
        { shape: t.shape, values: t.dataSync() as Float32Array },
      ]),
    ),
  );
}

function expectSame(actual: Values, expected: Values, tolerance: number): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { shape, values }] of Object.entries(expected)) {
    expect(actual[name]!.shape, name).toEqual(shape);
    const scale = Math.max(1, ...values.map(Math.abs));
    const worst = Math.max(
      0,
      ...values.map((value, i) => Math.abs(value - actual[name]!.values[i]!)),
    );
    // The comparison of the maximum would miss a NaN.
    expect(actual[name]!.values.every(Number.isFinite), `${name} is finite`).toBe(true);
    expect(worst / scale, name).toBeLessThan(tolerance);
  }
}

/** A convolution whose output has at least one pixel. */
const convolutions = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 13 }),
    width: fc.integer({ min: 1, max: 13 }),
    inChannels: fc.integer({ min: 1, max: 5 }),
    outChannels: fc.integer({ min: 1, max: 5 }),
    kernel: fc.constantFrom<[number, number]>([1, 1], [2, 2], [3, 3], [7, 7], [1, 3], [7, 2]),
    strides: fc.constantFrom<[number, number]>([1, 1], [2, 2], [3, 3], [1, 2]),
    pad: fc.oneof(fc.constantFrom('valid' as const, 'same' as const), fc.nat(2)),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .filter(({ pad, height, width, kernel, strides }) => {
    if (pad === 'same') return true;
    // tfjs computes a wrong output shape for numeric padding if kernel or strides are not square.
    if (typeof pad === 'number' && (kernel[0] !== kernel[1] || strides[0] !== strides[1]))
      return false;
    const extra = typeof pad === 'number' ? 2 * pad : 0;
    return height + extra >= kernel[0] && width + extra >= kernel[1];
  });

describe('the gradients of conv2d on wasm', () => {
  it('equal those of the cpu backend for any kernel, stride, padding and image size', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async (c) => {
        // Calls the kernels like the gradient of conv2d, but without its forward pass: that one is
        // the backend's own and is wrong on wasm for `same` with strides larger than the kernel
        // (tfjs issue 6629).
        const gradients = (): Record<string, tf.Tensor> => {
          const inputShape: [number, number, number, number] = [
            c.batch,
            c.height,
            c.width,
            c.inChannels,
          ];
          const filterShape: [number, number, number, number] = [
            ...c.kernel,
            c.inChannels,
            c.outChannels,
          ];
          const dimRoundingMode = typeof c.pad === 'number' ? ('floor' as const) : undefined;
          const { outShape } = tf.backend_util.computeConv2DInfo(
            inputShape,
            filterShape,
            c.strides,
            1,
            c.pad,
            dimRoundingMode,
          );
          const x = tf.randomUniform(inputShape, -1, 1, 'float32', c.seed);
          const filter = tf.randomUniform(filterShape, -1, 1, 'float32', c.seed + 1);
          const dy = tf.randomUniform(outShape, -1, 1, 'float32', c.seed + 2);
          const attributes = {
            strides: c.strides,
            pad: c.pad,
            dataFormat: 'NHWC',
            dimRoundingMode,
          };
          const run = (
            kernel: string,
            inputs: Record<string, tf.Tensor>,
            extra: Record<string, number[]>,
          ): tf.Tensor =>
            tf.engine().runKernel<tf.Tensor>(kernel, inputs, {
              ...attributes,
              ...extra,
            } as unknown as tf.NamedAttrMap);
          return {
            dx: run('Conv2DBackpropInput', { dy, filter }, { inputShape }),
            dw: run('Conv2DBackpropFilter', { x, dy }, { filterShape }),
          };
        };
        expectSame(await runOn('wasm', gradients), await runOn('cpu', gradients), 1e-5);
      }),
      { numRuns: 150 },
    );
  });

  it('leak no tensor and no heap over hundreds of steps', async () => {
    await tf.setBackend('wasm');
    const heap = (): number =>
      (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 8, 8]);
    const step = (): void =>
      tf.tidy(() => {
        // New tensors in each step, as in training: the backend caches an operator per filter
        // tensor.
        const x = tf.randomUniform<tf.Rank.R4>([4, 16, 16, 8]);
        tf.grads((a, f) => tf.conv2d(a as tf.Tensor4D, f as tf.Tensor4D, 2, 'same'))([
          x,
          tf.add(filter, 0),
        ]);
      });
    for (let i = 0; i < 20; i += 1) step();
    const [tensors, bytes] = [tf.memory().numTensors, heap()];
    for (let i = 0; i < 400; i += 1) step();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(heap()).toBe(bytes);
    filter.dispose();
  });

  it('reject channels-first data with a clear error', async () => {
    await tf.setBackend('wasm');
    const kernel = tf.getKernel('Conv2DBackpropFilter', 'wasm');
    const x = tf.zeros([1, 2, 4, 4]);
    const call = (): unknown =>
      kernel.kernelFunc({
        inputs: { x, dy: x },
        attrs: { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [1, 1, 2, 2] },
        backend: tf.backend(),
      });
    expect(call).toThrow(/dataFormat is 'NCHW'/);
    x.dispose();
  });
});

describe('the gradients of depthwiseConv2d on wasm', () => {
  const depthwise = fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 13 }),
      width: fc.integer({ min: 1, max: 13 }),
      channels: fc.integer({ min: 1, max: 9 }),
      multiplier: fc.integer({ min: 1, max: 3 }),
      kernel: fc.constantFrom<[number, number]>([1, 1], [3, 3], [5, 5], [2, 3]),
      strides: fc.constantFrom<[number, number]>([1, 1], [2, 2], [3, 3], [1, 2]),
      pad: fc.constantFrom('valid' as const, 'same' as const),
      seed: fc.integer({ min: 1, max: 1e6 }),
    })
    .filter(
      ({ pad, height, width, kernel }) =>
        pad === 'same' || (height >= kernel[0] && width >= kernel[1]),
    );

  it('equal those of the cpu backend for any kernel, stride, padding and image size', async () => {
    await fc.assert(
      fc.asyncProperty(depthwise, async (c) => {
        const gradients = (): Record<string, tf.Tensor> => {
          const inputShape: [number, number, number, number] = [
            c.batch,
            c.height,
            c.width,
            c.channels,
          ];
          const filterShape: [number, number, number, number] = [
            ...c.kernel,
            c.channels,
            c.multiplier,
          ];
          const { outShape } = tf.backend_util.computeConv2DInfo(
            inputShape,
            filterShape,
            c.strides,
            1,
            c.pad,
            undefined,
            true,
          );
          const x = tf.randomUniform(inputShape, -1, 1, 'float32', c.seed);
          const filter = tf.randomUniform(filterShape, -1, 1, 'float32', c.seed + 1);
          const dy = tf.randomUniform(outShape, -1, 1, 'float32', c.seed + 2);
          const run = (
            kernel: string,
            inputs: Record<string, tf.Tensor>,
            extra: Record<string, number[]>,
          ): tf.Tensor =>
            tf.engine().runKernel<tf.Tensor>(kernel, inputs, {
              strides: c.strides,
              pad: c.pad,
              dilations: [1, 1],
              ...extra,
            });
          return {
            dx: run('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { inputShape }),
            dw: run('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { filterShape }),
          };
        };
        expectSame(await runOn('wasm', gradients), await runOn('cpu', gradients), 1e-5);
      }),
      { numRuns: 150 },
    );
  });

  it('are available through tf.grads, and leak no tensor and no heap over hundreds of steps', async () => {
    await tf.setBackend('wasm');
    const heap = (): number =>
      (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 8, 1]);
    const step = (): void =>
      tf.tidy(() => {
        const x = tf.randomUniform<tf.Rank.R4>([4, 16, 16, 8]);
        tf.grads((a, f) => tf.depthwiseConv2d(a as tf.Tensor4D, f as tf.Tensor4D, 2, 'same'))([
          x,
          tf.add(filter, 0),
        ]);
      });
    for (let i = 0; i < 20; i += 1) step();
    const [tensors, bytes] = [tf.memory().numTensors, heap()];
    for (let i = 0; i < 400; i += 1) step();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(heap()).toBe(bytes);
    filter.dispose();
  });
});

describe('the gradient of maxPool on wasm', () => {
  it('equals that of the cpu backend, including windows with only negative values', async () => {
    const pools = fc.record({
      height: fc.integer({ min: 3, max: 11 }),
      width: fc.integer({ min: 3, max: 11 }),
      channels: fc.integer({ min: 1, max: 5 }),
      filterSize: fc.constantFrom(1, 2, 3),
      strides: fc.constantFrom(1, 2),
      pad: fc.constantFrom('valid' as const, 'same' as const),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(
        pools,
        async ({ height, width, channels, filterSize, strides, pad, seed }) => {
          const program = (): Record<string, tf.Tensor> => {
            const x = tf.randomUniform<tf.Rank.R4>(
              [2, height, width, channels],
              -1,
              0.2,
              'float32',
              seed,
            );
            const pool = (a: tf.Tensor): tf.Tensor =>
              tf.maxPool(a as tf.Tensor4D, filterSize, strides, pad);
            const dy = tf.randomUniform(pool(x).shape, -1, 1, 'float32', seed + 1);
            return { dx: tf.grad(pool)(x, dy) };
          };
          expectSame(await runOn('wasm', program), await runOn('cpu', program), 1e-6);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('tile on wasm', () => {
  it('equals the cpu backend for block and interleaved repetitions, in every type', async () => {
    const cases = fc.record({
      dims: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })), {
        minLength: 1,
        maxLength: 4,
      }),
      dtype: fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ dims, dtype, seed }) => {
        const program = (): Record<string, tf.Tensor> => {
          // Whole numbers: the backends cast a fraction to bool differently.
          const x = tf.cast(
            tf.floor(
              tf.randomUniform(
                dims.map(([size]) => size),
                0,
                2,
                'float32',
                seed,
              ),
            ),
            dtype,
          );
          return {
            tiled: tf.tile(
              x,
              dims.map(([, count]) => count),
            ),
          };
        };
        expectSame(await runOn('wasm', program), await runOn('cpu', program), 1e-7);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a training step of a small ResNetV2', () => {
  const shapes: Record<string, number[]> = {
    stem: [7, 7, 3, 4],
    gamma1: [4],
    beta1: [4],
    shortcut: [1, 1, 4, 8],
    conv1: [1, 1, 4, 4],
    conv2: [3, 3, 4, 4],
    conv3: [1, 1, 4, 8],
    gamma2: [8],
    beta2: [8],
    head: [8, 5],
    bias: [5],
  };

  function loss(images: tf.Tensor4D, labels: tf.Tensor2D, w: Record<string, tf.Tensor>): tf.Scalar {
    const norm = (x: tf.Tensor4D, beta: tf.Tensor, gamma: tf.Tensor): tf.Tensor4D => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.relu(
        tf.batchNorm(
          x,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          beta as tf.Tensor1D,
          gamma as tf.Tensor1D,
          1.001e-5,
        ),
      );
    };
    const frame = (x: tf.Tensor4D, n: number): tf.Tensor4D =>
      tf.pad(x, [
        [0, 0],
        [n, n],
        [n, n],
        [0, 0],
      ]);
    const conv = (x: tf.Tensor4D, name: string, stride = 1): tf.Tensor4D =>
      tf.conv2d(x, w[name] as tf.Tensor4D, stride, 'valid');
    const stem = tf.maxPool(frame(conv(frame(images, 3), 'stem', 2), 1), 3, 2, 'valid');
    const active = norm(stem, w.beta1!, w.gamma1!);
    const shortcut = tf.maxPool(conv(active, 'shortcut'), 1, 2, 'valid');
    const inner = conv(frame(conv(active, 'conv1'), 1), 'conv2', 2);
    const block = tf.add<tf.Tensor4D>(conv(tf.relu(inner), 'conv3'), shortcut);
    const pooled = tf.mean(tf.avgPool(norm(block, w.beta2!, w.gamma2!), 2, 1, 'same'), [1, 2]);
    const logits = tf.add(tf.matMul(pooled, w.head!), w.bias!);
    return tf.mean(tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1)));
  }

  it('has the loss and the gradients of the cpu backend', async () => {
    const program = (): Record<string, tf.Tensor> => {
      const images = tf.randomUniform<tf.Rank.R4>([3, 21, 19, 3], -1, 1, 'float32', 1);
      const labels = tf.cast(
        tf.oneHot(tf.tensor1d([0, 4, 2], 'int32'), 5),
        'float32',
      ) as tf.Tensor2D;
      const names = Object.keys(shapes);
      const weights = names.map((name, i) =>
        tf.randomUniform(shapes[name]!, -0.5, 0.7, 'float32', i + 10),
      );
      const { value, grads } = tf.valueAndGrads((...w) =>
        loss(images, labels, Object.fromEntries(names.map((n, i) => [n, w[i]!]))),
      )(weights);
      return { loss: value, ...Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
    };
    expectSame(await runOn('wasm', program), await runOn('cpu', program), 2e-5);
  });
});

describe('registerWasmTrainingKernels', () => {
  it('does nothing when called again', () => {
    const names = [
      'Conv2DBackpropFilter',
      'Conv2DBackpropInput',
      'DepthwiseConv2dNativeBackpropFilter',
      'DepthwiseConv2dNativeBackpropInput',
      'MaxPoolGrad',
      'Tile',
    ];
    const before = names.map((name) => tf.getKernel(name, 'wasm'));
    registerWasmTrainingKernels();
    expect(names.map((name) => tf.getKernel(name, 'wasm'))).toEqual(before);
    names.forEach((name, i) => expect(tf.getKernel(name, 'wasm')).toBe(before[i]));
  });

  it('reports a backend that is not imported', () => {
    const conv2d = tf.getKernel('Conv2D', 'wasm');
    tf.unregisterKernel('Conv2D', 'wasm');
    try {
      expect(() => registerWasmTrainingKernels()).toThrow(
        expect.objectContaining({ code: 'wasm-not-loaded' }),
      );
    } finally {
      tf.registerKernel(conv2d);
    }
  });
});
