import { join } from 'node:path';
import {
  inputScalings,
  type MultiLabelHead,
  namedPolicy,
  type Policy,
  type PreprocessingContract,
  preprocessingContract,
  toPlusMinusOne,
} from '@fixres/data';
import { decodeImage } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { resNet14V2 } from '@fixres/models';
import { encodeOnnx, OnnxGraph } from '@fixres/models/onnx';
import { samplePhotos } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, sequential, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { contractClassifier } from '../evaluation/contract-classifier.ts';
import { bordered, levelDifferences, unchanged } from '../../test/prepared-levels.ts';
import { exportOnnx } from './export-onnx.ts';
import { quantiseGraph } from './quantise-graph.ts';
import type { RunCalibration } from './value-ranges.ts';

beforeAll(() => useEngine({ engine: 'wasm' }));

async function run(graph: OnnxGraph, tensor: Tensor): Promise<Tensor> {
  const session = await InferenceSession.create(encodeOnnx(graph), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const results = await session.run({ [session.inputNames[0]!]: tensor });
  await session.release();
  return results[session.outputNames[0]!]!;
}

/** The absolute differences of what two graphs compute. */
async function differencesOf(one: OnnxGraph, other: OnnxGraph, tensor: Tensor): Promise<number[]> {
  const [{ data: expected }, { data }] = [await run(one, tensor), await run(other, tensor)];
  return Array.from(expected as Float32Array, (value, i) => Math.abs(value - Number(data[i])));
}

const sizes = { size: 64, trainSize: 48 };
const bicubic: Policy = {
  version: 1,
  name: 'bicubic',
  output: { width: 64, height: 64 },
  steps: [{ op: 'resize', width: 64, height: 64, interpolation: 'bicubic', antialias: false }],
};
const policies = [
  ...['resize', 'shortSideCrop', 'fixresTest'].map((name) => namedPolicy(name, sizes)),
  ...['timmEval-center', 'timmEval-border'].map((name) =>
    namedPolicy(name, { size: { height: 48, width: 72 } }),
  ),
  bicubic,
  bordered,
];

describe('preprocessing in the graph', () => {
  it.each(policies.map((policy) => [policy.name, policy] as const))(
    '%s gives the levels of drawPixels, to one level',
    async (_, policy) => {
      const { height, width } = policy.output;
      for (const [photo, scaling, layout] of [
        ['monuments/petra.jpg', 'plus-minus-one', 'NHWC'],
        ['monuments/colosseum.jpg', 'torch', 'NCHW'],
        ['monuments/petra.jpg', 'caffe', 'NHWC'],
      ] as const) {
        const file = join(samplePhotos, photo);
        const image = await decodeImage(await readFile(file), photo);
        const { normalisation, channelOrder } = inputScalings[scaling];
        const contract = preprocessingContract(policy, { normalisation, channelOrder, layout });
        const shape = layout === 'NHWC' ? [height, width, 3] : [3, height, width];
        const graph = await exportOnnx(unchanged(shape), {
          contract,
          layout: 'NHWC',
          preprocessing: true,
        });
        const { data, dims } = await run(
          graph,
          new Tensor('uint8', image.data, [1, image.height, image.width, 3]),
        );
        expect(dims).toEqual([1, ...shape]);
        const differences = levelDifferences(image, contract, data as Float32Array);
        expect(Math.max(...differences)).toBeLessThan(1.05);
        // A wrong border or grid changes far more of them.
        expect(
          differences.filter((difference) => difference > 0.5).length / differences.length,
        ).toBeLessThan(0.05);
      }
    },
  );

  it('refuses a filter that ONNX does not have', async () => {
    const policy: Policy = {
      ...bicubic,
      steps: [{ op: 'resize', width: 64, height: 64, interpolation: 'lanczos3', antialias: true }],
    };
    const contract = preprocessingContract(policy, { normalisation: toPlusMinusOne });
    await expect(
      exportOnnx(unchanged([64, 64, 3]), { contract, preprocessing: true }),
    ).rejects.toThrow(/--with-preprocessing does not support interpolation lanczos3/);
  });
});

describe('the output', () => {
  const flat = (): layers.Layer => layers.flatten({ inputShape: [8, 8, 3] });
  const activated = (activation?: 'softmax' | 'sigmoid'): layers.Layer =>
    layers.dense({ units: 4, ...(activation && { activation }) });
  const filters = { filters: 4, kernelSize: 8, inputShape: [8, 8, 3] };
  const ends: [string, layers.Layer[], transpositions: number, op: 'Softmax' | 'Sigmoid'][] = [
    ['logits', [flat(), activated()], 0, 'Softmax'],
    ['logits of several labels', [flat(), activated()], 0, 'Sigmoid'],
    ['a softmax', [flat(), activated('softmax')], 0, 'Softmax'],
    [
      'batch normalisation and a softmax',
      [
        flat(),
        activated(),
        layers.batchNormalization(),
        layers.activation({ activation: 'softmax' }),
      ],
      0,
      'Softmax',
    ],
    [
      'a convolution with softmax and a layer that changes the shape',
      [layers.conv2d({ ...filters, activation: 'softmax' }), layers.flatten()],
      2,
      'Softmax',
    ],
    ['a sigmoid', [flat(), activated('sigmoid')], 0, 'Sigmoid'],
  ];
  const contractOf = (head?: MultiLabelHead): PreprocessingContract =>
    preprocessingContract(namedPolicy('resize', { size: 8 }), {
      normalisation: inputScalings.none.normalisation,
      head,
    });

  it.each(ends)(
    'of a model that ends in %s is that of contractClassifier',
    async (_, stack, transpositions, op) => {
      const head = { activation: 'sigmoid' as const, thresholds: [0.5, 0.5, 0.5, 0.5] };
      const contract = contractOf(op === 'Sigmoid' ? head : undefined);
      const classifier = sequential({ layers: stack });
      const x = tf.randomUniform<tf.Rank.R4>([3, 8, 8, 3], 0, 3, 'float32', 7);
      const values = (await x.data()) as Float32Array;
      const expected = contractClassifier(classifier, contract).apply(x, {}) as tf.Tensor;
      const numbers = await expected.data();
      for (const [precision, digits] of [
        ['float32', 5],
        ['float16', 2],
      ] as const) {
        const graph = await exportOnnx(classifier, { contract, precision });
        const ops = graph.nodes.map(({ op }) => op);
        expect(ops.filter((each) => ['Softmax', 'Sigmoid'].includes(each))).toEqual([op]);
        expect(ops.filter((each) => each === 'Transpose').length).toBe(transpositions);
        const { data, dims } = await run(graph, new Tensor('float32', values, x.shape));
        expect(dims).toEqual([3, 4]);
        for (const [i, number] of numbers.entries())
          expect(Number(data[i])).toBeCloseTo(number, digits);
        // A softmax in half precision would be further apart from 1.
        const sum = [0, 1, 2, 3].reduce((total, i) => total + Number(data[i]), 0);
        if (op === 'Softmax') expect(sum).toBeCloseTo(1, 6);
      }
      tf.dispose([x, expected]);
      classifier.dispose();
    },
  );

  it('stays logits without a contract', async () => {
    const classifier = sequential({ layers: [flat(), activated()] });
    const { nodes } = await exportOnnx(classifier);
    expect(nodes.map(({ op }) => op)).not.toContain('Softmax');
    classifier.dispose();
  });
});

describe('half precision', () => {
  it('halves the weights, and changes probabilities by less than a hundredth', async () => {
    const classifier = resNet14V2({
      classes: 5,
      width: 8,
      rescaling: { scale: 1 / 127.5, offset: -1 },
    });
    const levels = tf.randomUniform([2, 64, 64, 3], 0, 255, 'float32', 3);
    const expected = classifier.predict(levels) as tf.Tensor;
    const values = (await levels.data()) as Float32Array;
    const single = await exportOnnx(classifier);
    const half = await exportOnnx(classifier, { precision: 'float16' });
    expect(encodeOnnx(half).length).toBeLessThan(0.6 * encodeOnnx(single).length);
    const { data } = await run(half, new Tensor('float32', values, levels.shape));
    const differences = Array.from(await expected.data(), (value, i) =>
      Math.abs(value - Number(data[i])),
    );
    expect(Math.max(...differences)).toBeLessThan(0.01);
    // Probabilities in half precision would be further apart from 1.
    expect(
      Math.abs(
        Number(data[0]) + Number(data[1]) + Number(data[2]) + Number(data[3]) + Number(data[4]) - 1,
      ),
    ).toBeLessThan(1e-6);
    tf.dispose([levels, expected]);
    classifier.dispose();
  });

  it('refuses weights that half precision cannot represent', async () => {
    const dense = model(
      (() => {
        const x = input({ shape: [2] });
        const kernelInitializer = 'ones' as const;
        return {
          inputs: x,
          outputs: layers
            .dense({ units: 1, name: 'large', kernelInitializer })
            .apply(x) as SymbolicTensor,
        };
      })(),
    );
    tf.tidy(() => {
      dense.layers[1]!.setWeights([tf.fill([2, 1], 70_000), tf.zeros([1])]);
    });
    await expect(exportOnnx(dense, { precision: 'float16' })).rejects.toThrow(
      'Option --precision is float16, but "large/kernel" has weights beyond 65504; use float32.',
    );
  });
});

describe('8 bits', () => {
  const calibration = (images: Tensor): RunCalibration =>
    async function* (graph) {
      const session = await InferenceSession.create(encodeOnnx(graph));
      const results = await session.run({ images });
      await session.release();
      yield Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
      );
    };

  it.each([
    { kernelBits: undefined, largest: 64 },
    { kernelBits: 8 as const, largest: 127 },
  ])(
    'quantises every kernel within the steps of its scale, and changes probabilities little: up to $largest',
    async ({ kernelBits, largest }) => {
      const rescaling = { scale: 1 / 127.5, offset: -1 };
      const classifier = resNet14V2({ classes: 5, width: 8, rescaling });
      const levels = tf.randomUniform([4, 64, 64, 3], 0, 255, 'float32', 5);
      const images = new Tensor('float32', (await levels.data()) as Float32Array, levels.shape);
      const single = await exportOnnx(classifier);
      const whole = await exportOnnx(classifier, {
        precision: 'int8',
        calibrate: calibration(images),
        kernelBits,
      });
      const kernels = single.nodes.filter(({ op }) => op === 'Conv' || op === 'Gemm');
      for (const { op, inputs } of kernels) {
        const name = inputs[1]!;
        const before = single.constants.get(name)!;
        const after = whole.constants.get(`${name}/quantised`)!;
        const scales = whole.constants.get(`${name}/scale`)!.data as Float32Array;
        expect(after.type).toBe('int8');
        const numbers = Array.from(after.data, Number);
        expect(Math.max(...numbers.map(Math.abs))).toBe(largest);
        const inner = op === 'Gemm' ? 1 : numbers.length / scales.length;
        const worst = numbers.map((number, i) => {
          const scale = scales[Math.floor(i / inner) % scales.length]!;
          return Math.abs(number * scale - Number(before.data[i])) / scale;
        });
        expect(Math.max(...worst)).toBeLessThan(0.501);
      }
      expect(kernels.length).toBe(18);
      const differences = await differencesOf(single, whole, images);
      expect(Math.max(...differences)).toBeLessThan(0.05);
      expect(Math.max(...differences)).toBeGreaterThan(1e-5);
      levels.dispose();
      classifier.dispose();
    },
  );

  it('quantises dense layers of maps, as in ConvNeXt and transformers', async () => {
    const x = input({ shape: [6, 6, 3] });
    const units = layers.dense({ units: 16, activation: 'relu', name: 'units' }).apply(x);
    const pooled = layers.globalAveragePooling2d({}).apply(units) as SymbolicTensor;
    const outputs = layers.dense({ units: 4, activation: 'softmax' }).apply(pooled);
    const classifier = model({ inputs: x, outputs: outputs as SymbolicTensor });
    const numbers = tf.randomUniform([4, 6, 6, 3], -1, 1, 'float32', 6);
    const images = new Tensor('float32', (await numbers.data()) as Float32Array, numbers.shape);
    const single = await exportOnnx(classifier);
    const whole = await exportOnnx(classifier, {
      precision: 'int8',
      calibrate: calibration(images),
    });
    const [product, ...others] = single.nodes.filter(({ op }) => op === 'MatMul');
    expect(others).toEqual([]);
    const kernel = product!.inputs[1]!;
    const scales = whole.constants.get(`${kernel}/scale`)!.data as Float32Array;
    const after = whole.constants.get(`${kernel}/quantised`)!;
    expect([after.type, after.dims, scales.length]).toEqual(['int8', [3, 16], 16]);
    expect(whole.constants.has(kernel)).toBe(false);
    const before = single.constants.get(kernel)!.data;
    for (const [i, number] of Array.from(after.data, Number).entries())
      expect(Math.abs(number - Number(before[i]) / scales[i % 16]!)).toBeLessThan(0.501);
    const differences = await differencesOf(single, whole, images);
    expect(Math.max(...differences)).toBeLessThan(0.02);
    expect(Math.max(...differences)).toBeGreaterThan(1e-6);
    numbers.dispose();
    classifier.dispose();
  });

  it('keeps the bias of a channel with almost no weights', async () => {
    const graph = new OnnxGraph();
    graph.inputs = [{ name: graph.freshName('images'), type: 'float32', dims: [1, 1, 1, 1] }];
    const kernel = graph.floats('kernel', [1, 1e-9], [2, 1, 1, 1]);
    const name = graph.add('Conv', ['images', kernel, graph.floats('bias', [0.25, 0.5])], 'output');
    graph.outputs = [{ name, type: 'float32', dims: [1, 2, 1, 1] }];
    quantiseGraph(graph, new Map([['images', { low: 0, high: 1 }]]));
    const { data } = await run(graph, new Tensor('float32', [1], [1, 1, 1, 1]));
    expect(Number(data[0])).toBeCloseTo(1.25, 6);
    expect(Number(data[1])).toBeCloseTo(0.5, 6);
  });

  it('needs images to calibrate with', async () => {
    await expect(exportOnnx(unchanged([64, 64, 3]), { precision: 'int8' })).rejects.toThrow(
      'Option --precision is int8, which needs images to calibrate with; allowed without are float32 and float16.',
    );
  });
});
