import {
  inputScalings,
  namedPolicy,
  type PreprocessingContract,
  preprocessingContract,
} from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { resNet14V2 } from '@fixres/models';
import { openTflite } from '@fixres/models/node';
import { encodeOnnx } from '@fixres/models/onnx';
import { encodeTflite, type TfliteGraph, tfliteFromOnnx } from '@fixres/models/tflite';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunCalibration } from '../onnx/value-ranges.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { exportTflite } from './export-tflite.ts';

beforeAll(() => useEngine({ engine: 'wasm' }));

function contractOf(size: number): PreprocessingContract {
  const { normalisation } = inputScalings.none;
  return preprocessingContract(namedPolicy('resize', { size }), { normalisation });
}

/** The output for the first image. */
async function run(graph: TfliteGraph, images: Float32Array): Promise<Float32Array> {
  const session = await openTflite(encodeTflite(graph), import.meta.url);
  const count = graph.inputs[0]!.shape.reduce((product, side) => product * side, 1);
  const [output] = await session.run([images.slice(0, count)]);
  await session.close();
  return output!;
}

function calibrator(images: Tensor): RunCalibration {
  return async function* calibrate(graph) {
    const session = await InferenceSession.create(encodeOnnx(graph), { logSeverityLevel: 3 });
    const results = await session.run({ images });
    await session.release();
    yield Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
    );
  };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** A model with all kinds of operators that 8 bits treat differently, and one that stays float32. */
function mixed(): LayersModel {
  const image = input({ shape: [32, 32, 3] });
  const apply = (layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor =>
    layer.apply(x) as SymbolicTensor;
  const stem = apply(
    layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
    image,
  );
  const deep = apply(layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }), stem);
  const pools = [
    apply(layers.reLU({ maxValue: 6 }), deep),
    apply(layers.averagePooling2d({ poolSize: 2 }), stem),
    apply(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), stem),
  ];
  const all = apply(layers.concatenate(), pools);
  const gate = apply(layers.activation({ activation: 'sigmoid' }), all);
  const gated = apply(layers.multiply(), [all, gate]);
  const bounded = apply(layers.activation({ activation: 'tanh' }), gated);
  const cropped = apply(layers.cropping2D({ cropping: 1 }), bounded);
  const smooth = apply(layers.elu(), apply(layers.zeroPadding2d({ padding: 1 }), cropped));
  const rows = apply(layers.globalMaxPooling2d({}), apply(layers.batchNormalization(), smooth));
  return model({
    inputs: image,
    outputs: apply(layers.dense({ units: 5, activation: 'softmax' }), rows),
  });
}

const residual = (): LayersModel =>
  resNet14V2({ classes: 5, width: 8, rescaling: { scale: 1 / 127.5, offset: -1 } });

describe.each([
  ['ResNetV2', residual, 64, 255],
  ['a model of many operators', mixed, 32, 2],
] as const)('%s', (_, create, side, most) => {
  it('in float16 and int8 predicts nearly the same in LiteRT', async () => {
    const classifier = create();
    const contract = contractOf(side);
    const images = tf.randomUniform([4, side, side, 3], 0, most, 'float32', 5);
    const expected = classifier.predict(images) as tf.Tensor;
    const values = (await images.data()) as Float32Array;
    const probabilities = (await expected.data()).subarray(0, 5);

    const single = await exportTflite(classifier, { contract });
    const half = await exportTflite(classifier, { contract, precision: 'float16' });
    const inHalf = largestDifference(await run(half, values), probabilities);
    expect(inHalf).toBeLessThan(0.01);
    expect(inHalf).toBeGreaterThan(0);

    const whole = await exportTflite(classifier, {
      contract,
      precision: 'int8',
      calibrate: calibrator(new Tensor('float32', values, images.shape)),
    });
    const inWhole = largestDifference(await run(whole, values), probabilities);
    expect(inWhole).toBeLessThan(0.05);
    expect(inWhole).toBeGreaterThan(1e-5);

    const kernels = whole.ops.filter(({ op }) => /CONV|CONNECTED/.test(op));
    for (const { inputs } of kernels) {
      const [, kernel, bias] = inputs;
      expect([kernel!.type, bias!.type]).toEqual(['int8', 'int32']);
      const scales = kernel!.quantisation!.scales;
      expect(scales.length).toBe(bias!.shape[0]);
      expect(Math.max(...Array.from(kernel!.data!, Math.abs))).toBe(127);
    }
    expect(kernels.length).toBe(single.ops.filter(({ op }) => /CONV|CONNECTED/.test(op)).length);
    // Probabilities in 8 bits would have steps of 1/256.
    const softmax = whole.ops.at(-1)!;
    expect([softmax.op, softmax.outputs[0]!.type]).toEqual(['SOFTMAX', 'float32']);
    tf.dispose([images, expected]);
    classifier.dispose();
  });
});

it('halves the size in float16, and takes less than a third in int8', async () => {
  const dense = sequential({
    layers: [
      layers.flatten({ inputShape: [8, 8, 3] }),
      layers.dense({ units: 100, activation: 'relu' }),
      layers.dense({ units: 4 }),
    ],
  });
  const images = new Tensor('float32', new Float32Array(2 * 192).fill(0.5), [2, 8, 8, 3]);
  const sizes: number[] = [];
  for (const precision of ['float32', 'float16', 'int8'] as const) {
    const graph = await exportTflite(dense, { precision, calibrate: calibrator(images) });
    sizes.push(encodeTflite(graph).length);
  }
  expect(sizes[1]! / sizes[0]!).toBeLessThan(0.6);
  expect(sizes[2]! / sizes[0]!).toBeLessThan(0.33);
  dense.dispose();
});

it('keeps a sigmoid that is an output in float32, and computes one in between in int8', async () => {
  const dense = sequential({
    layers: [
      layers.dense({ units: 4, activation: 'sigmoid', inputShape: [6] }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  const images = new Tensor('float32', Float32Array.from({ length: 12 }, Math.sin), [2, 6]);
  const graph = await exportTflite(dense, { precision: 'int8', calibrate: calibrator(images) });
  const sigmoids = graph.ops.filter(({ op }) => op === 'LOGISTIC');
  expect(sigmoids.map(({ outputs }) => outputs[0]!.type)).toEqual(['int8', 'float32']);
  dense.dispose();
});

it('computes a hard swish in int8, with levels only for the inputs that it needs', async () => {
  const swish = sequential({
    layers: [
      layers.conv2d({ filters: 1, kernelSize: 1, useBias: false, inputShape: [1, 64, 1] }),
      layers.activation({ activation: 'hardSilu' as 'relu' }),
      layers.flatten(),
    ],
  });
  tf.tidy(() => swish.setWeights([tf.ones([1, 1, 1, 1])]));
  // Everything up to -3 becomes 0, and is not worth a level.
  const values = Float32Array.from({ length: 64 }, (_, i) =>
    i < 32 ? -100 + 3 * i : (i - 40) / 8,
  );
  const graph = await exportTflite(swish, {
    precision: 'int8',
    calibrate: calibrator(new Tensor('float32', values, [1, 1, 64, 1])),
  });
  const op = graph.ops.find((each) => each.op === 'HARD_SWISH')!;
  expect([op.inputs[0]!.type, op.outputs[0]!.type]).toEqual(['int8', 'int8']);
  expect(op.inputs[0]!.quantisation!.scales[0]).toBeCloseTo((2.875 + 3) / 255, 2);
  const expected = values.map((x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6);
  // The input of the convolution has steps of 0.4.
  expect(largestDifference(await run(graph, values), expected)).toBeLessThan(0.3);
  swish.dispose();
});

it('gives probabilities and fixed sides with a contract, and refuses free sides without one', async () => {
  const image = input({ shape: [null, null, 3] });
  const filters = layers.conv2d({ filters: 4, kernelSize: 3 });
  const logits = layers.globalAveragePooling2d({}).apply(filters.apply(image)) as SymbolicTensor;
  const free = model({ inputs: image, outputs: logits });
  const contract = contractOf(8);
  const graph = await exportTflite(free, { contract });
  expect(graph.inputs[0]!.shape).toEqual([1, 8, 8, 3]);
  const probabilities = await run(graph, new Float32Array(192).fill(1));
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  await expect(exportTflite(free)).rejects.toThrow(
    'Input "images" has no fixed height and width, which TFLite needs; the model has no contract that states them.',
  );
  const onnx = await exportOnnx(free, { contract });
  expect(tfliteFromOnnx(onnx, { sides: [16, 12] }).inputs[0]!.shape).toEqual([1, 16, 12, 3]);
  free.dispose();
});

it('refuses weights that half precision cannot represent, and 8 bits without images', async () => {
  const dense = sequential({
    layers: [layers.dense({ units: 1, name: 'large', inputShape: [2] })],
  });
  tf.tidy(() => dense.setWeights([tf.fill([2, 1], 70_000), tf.zeros([1])]));
  await expect(exportTflite(dense, { precision: 'float16' })).rejects.toThrow(
    'Option --precision is float16, but "large/kernel" has weights beyond 65504; use float32.',
  );
  await expect(exportTflite(dense, { precision: 'int8' })).rejects.toThrow(
    'Option --precision is int8, which needs images to calibrate with',
  );
  dense.dispose();
});
