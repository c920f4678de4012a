import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kerasNetworks, networkImage, networkModel } from '../../test/support/keras-networks.ts';
import { kerasBytes } from '../../test/support/keras-files.ts';
import { createModel } from '../architectures/create-model.ts';
import type { JsonValue } from '../card/json-value.ts';
import { createKerasModel } from '../keras-config/create-keras-model.ts';
import '../layers/keras-layers.ts';
import { readKerasWeights } from '../weights/files/read-keras-weights.ts';
import { readKerasZip } from '../weights/files/read-keras-zip.ts';
import { writeKerasWeights } from '../weights/files/write-keras-weights.ts';
import { writeKerasArchive } from './write-keras-archive.ts';

beforeAll(() => setEngine('cpu'));

interface KerasConfig {
  config: {
    name: string;
    layers: {
      class_name: string;
      module: string;
      name: string;
      registered_name: null;
      config: Record<string, JsonValue>;
      inbound_nodes: { args: JsonValue[] }[];
    }[];
    input_layers: JsonValue;
    output_layers: JsonValue;
  };
}

async function configOf(archive: Uint8Array): Promise<KerasConfig> {
  return (await readKerasZip(archive, 'test', 1e9)).config as unknown as KerasConfig;
}

const rescaling = { scale: 1 / 127.5, offset: -1 };

it('writes the configuration of ResNetV2 as Keras does, and the weights of writeKerasWeights', async () => {
  const resnet = createModel('resnet26v2', { classes: 5, width: 2, rescaling });
  const archive = await writeKerasArchive(resnet);
  const [ours, keras] = [await configOf(archive), await configOf(kerasBytes('trained.keras'))];
  const { layers: written, ...others } = ours.config;
  const { layers: expected, ...rest } = keras.config;
  expect(others).toEqual(rest);
  expect(written.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
  for (const [
    i,
    {
      config,
      inbound_nodes: [node],
      ...layer
    },
  ] of written.entries()) {
    const {
      inbound_nodes: [call],
      config: settings,
      ...its
    } = expected[i]!;
    expect(its).toMatchObject(layer);
    expect(node?.args).toEqual(call?.args);
    // Keras also writes initializers, regularizers and numbers of shared objects.
    expect(settings).toMatchObject(config);
    const missing = Object.keys(settings).filter((key) => !(key in config));
    expect(missing.filter((key) => !/_(initializer|regularizer|constraint)$/.test(key))).toEqual([
      ...(keptOut[layer.class_name] ?? []),
    ]);
  }
  // Not byte by byte: HDF5 stores the second in which a file is written.
  const [inArchive, alone] = await Promise.all(
    [archive, await writeKerasWeights(resnet)].map((bytes) => readKerasWeights(bytes)),
  );
  expect(inArchive!.layers.length).toBeGreaterThan(50);
  expect(inArchive!.layers).toEqual(alone!.layers);
  resnet.dispose();
});

// "nested" calls a model inside it twice.
const networks = kerasNetworks().filter(({ keras, name }) => keras === 3 && name !== 'nested');

it('archives are read again, and predict as Keras did, with layers of nested models too', async () => {
  // These have layers that are written as another one, and models inside.
  const chosen = networks.filter(({ name }) => ['ConvNeXtTiny', 'EfficientNetV2B0'].includes(name));
  expect(chosen.length).toBe(2);
  await setEngine('wasm');
  for (const network of chosen) {
    const original = await networkModel(network);
    const archive = await writeKerasArchive(original);
    const { model: copy } = await createKerasModel(await readKerasWeights(archive));
    const image = networkImage(network);
    const probabilities = copy.predict(image) as tf.Tensor;
    const error = relativeError(await probabilities.data(), network.probabilities);
    expect([network.name, error < 1e-5]).toEqual([network.name, true]);
    tf.dispose([image, probabilities]);
    for (const each of [original, copy]) each.dispose();
  }
  await setEngine('cpu');
});

/** Settings that Keras writes with their defaults. */
const keptOut: Readonly<Record<string, readonly string[]>> = {
  BatchNormalization: ['synchronized', 'renorm', 'renorm_clipping', 'renorm_momentum'],
  Conv2D: ['groups'],
  Dense: ['quantization_config'],
  GlobalAveragePooling2D: ['keepdims'],
};

it('names what Keras 3 does not have', async () => {
  const masking = sequential({
    layers: [layers.masking({ inputShape: [3, 2], name: 'mask' })],
  });
  await expect(writeKerasArchive(masking)).rejects.toThrow(
    'Layer "mask" (Masking) cannot be exported to Keras: it is of a class that is not translated.',
  );
  const hard = sequential({
    layers: [layers.dense({ units: 2, inputShape: [3], activation: 'hardSigmoid', name: 'gate' })],
  });
  await expect(writeKerasArchive(hard)).rejects.toThrow(
    'Layer "gate" (Dense) cannot be exported to Keras: it has the hard_sigmoid of Keras 2.',
  );
  const twice = input({ shape: [4] });
  const dense = layers.dense({ units: 4, name: 'shared' });
  const shared = model({
    inputs: twice,
    outputs: dense.apply(dense.apply(twice)) as SymbolicTensor,
  });
  await expect(writeKerasArchive(shared)).rejects.toThrow(
    '"shared" (Dense) cannot be exported to Keras: it is called more than once.',
  );
  const inner = sequential({
    layers: [layers.dense({ units: 4, inputShape: [4] })],
    name: 'inner',
  });
  const nested = model({
    inputs: twice,
    outputs: inner.apply(inner.apply(twice)) as SymbolicTensor,
  });
  await expect(writeKerasArchive(nested)).rejects.toThrow(
    '"inner" (Sequential) cannot be exported to Keras: it is called more than once.',
  );
  for (const each of [masking, hard, shared, nested]) each.dispose();
});

it.each([
  [
    layers.dense({ units: 2, activation: 'gelu_new', name: 'mlp' }),
    '"mlp" (Dense) cannot be exported to Keras: it has the activation "gelu_new", which Keras 3 does not have.',
  ],
  [
    layers.upSampling2d({ interpolation: 'bilinear', name: 'up' }),
    '"up" (UpSampling2D) cannot be exported to Keras: it has the bilinear interpolation of TensorFlow.js, without half-pixel centres.',
  ],
])('refuses what TensorFlow.js computes differently: %#', async (layer, message) => {
  const image = input({ shape: [4, 4, 3] });
  const classifier = model({ inputs: image, outputs: layer.apply(image) as SymbolicTensor });
  await expect(writeKerasArchive(classifier)).rejects.toThrow(message);
  classifier.dispose();
});

it('writes pools of rows and maps, and bilinear upsampling, as layers of Keras', async () => {
  const image = input({ shape: [4, 4, 3] });
  const settings = { kind: 'max', dataFormat: 'channelsLast', keepdims: true };
  const apply = (layer: layers.Layer, x: SymbolicTensor): SymbolicTensor =>
    layer.apply(x) as SymbolicTensor;
  const large = apply(registered('KerasUpSampling2D', { size: [2, 3] }), image);
  const pooled = apply(registered('KerasGlobalPooling', settings), large);
  const rows = apply(layers.reshape({ targetShape: [1, 3] }), pooled);
  const classifier = model({
    inputs: image,
    outputs: apply(registered('KerasGlobalPooling', settings), rows),
  });
  const { config } = await configOf(await writeKerasArchive(classifier));
  expect(config.layers.slice(1).map(({ class_name: name }) => name)).toEqual([
    'UpSampling2D',
    'GlobalMaxPooling2D',
    'Reshape',
    'GlobalMaxPooling1D',
  ]);
  expect(config.layers[1]!.config).toMatchObject({ size: [2, 3], interpolation: 'bilinear' });
  classifier.dispose();
});

it('puts a resize, a reversal and a scaling after the input, which then has no fixed size', async () => {
  const classifier = createModel('resnet14v2', { classes: 5, width: 4 });
  const resizing = { height: 48, width: 64, antialias: true };
  const archive = await writeKerasArchive(classifier, {
    resizing,
    reverseChannels: true,
    preprocessing: rescaling,
  });
  const { config } = await configOf(archive);
  const [image, resize, flip, scale, next] = config.layers;
  expect(image!.config).toMatchObject({ batch_shape: [null, null, null, 3] });
  expect(resize).toMatchObject({
    class_name: 'Resizing',
    config: { ...resizing, interpolation: 'bilinear', data_format: 'channels_last' },
  });
  // As Keras writes `keras.ops.flip(x, axis=-1)`.
  expect(flip).toMatchObject({
    module: 'keras.src.ops.numpy',
    class_name: 'Flip',
    config: { name: 'channels', axis: -1 },
    registered_name: 'Flip',
  });
  expect(scale).toMatchObject({ class_name: 'Rescaling', config: rescaling });
  expect([flip, scale, next].map((layer) => layer!.inbound_nodes[0]!.args)).toMatchObject([
    [{ config: { shape: [null, 48, 64, 3], keras_history: [resize!.name, 0, 0] } }],
    [{ config: { shape: [null, 48, 64, 3], keras_history: ['channels', 0, 0] } }],
    [{ config: { shape: [null, 48, 64, 3], keras_history: [scale!.name, 0, 0] } }],
  ]);
  classifier.dispose();
});

/** A layer of ours, as a loaded model has it. */
function registered(className: string, config: Record<string, JsonValue>): layers.Layer {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const [Layer] = classNameMap[className]! as unknown as [new (config: object) => layers.Layer];
  return new Layer(config);
}

/** A model with every layer that no network of ours has. */
function manyLayers(): LayersModel {
  const given = input({ shape: [16, 16, 3] });
  const apply = (layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor =>
    layer.apply(x) as SymbolicTensor;
  const image = apply(registered('KerasReverseChannels', {}), given);
  const separable = apply(
    layers.separableConv2d({
      filters: 4,
      kernelSize: 3,
      padding: 'same',
      depthMultiplier: 2,
      activation: 'swish',
    }),
    image,
  );
  const cropped = apply(
    layers.zeroPadding2d({ padding: 1 }),
    apply(layers.cropping2D({ cropping: 1 }), separable),
  );
  const branches = [
    apply(layers.leakyReLU({ alpha: 0.1 }), cropped),
    apply(layers.prelu({ sharedAxes: [1, 2] }), cropped),
    apply(registered('KerasReLU', { maxValue: 6, negativeSlope: 0.1, threshold: 0.2 }), cropped),
    apply(registered('KerasELU', { alpha: 0.4 }), cropped),
  ];
  const merged = [
    apply(layers.average(), branches),
    apply(layers.maximum(), branches),
    apply(layers.minimum(), branches),
    apply(layers.multiply(), branches.slice(0, 2)),
  ];
  const joined = apply(layers.layerNormalization(), apply(layers.concatenate(), merged));
  const pooled = apply(layers.averagePooling2d({ poolSize: 2 }), joined);
  const dropped = apply(layers.dropout({ rate: 0.5 }), pooled);
  const large = apply(layers.average(), [
    apply(layers.upSampling2d({ size: [2, 2] }), dropped),
    apply(registered('KerasUpSampling2D', { size: [2, 2] }), dropped),
  ]);
  const turned = apply(layers.permute({ dims: [2, 1, 3] }), large);
  const rows = apply(layers.reshape({ targetShape: [16, 256] }), turned);
  const flat = apply(layers.flatten(), rows);
  const both = [
    apply(layers.globalMaxPooling2d({}), turned),
    apply(layers.dense({ units: 4, activation: 'tanh' }), flat),
    apply(
      registered('KerasGlobalPooling', {
        kind: 'average',
        dataFormat: 'channelsFirst',
        keepdims: false,
      }),
      rows,
    ),
  ];
  return model({
    inputs: given,
    outputs: apply(layers.softmax(), apply(layers.concatenate(), both)),
  });
}

it('is opened by Keras, and predicts the same there', { tags: 'python-keras' }, async () => {
  const folder = await temporaryFolder();
  const models: [string, LayersModel, size: number][] = [
    ['resnet', createModel('resnet14v2', { classes: 5, width: 4, rescaling }), 48],
    ['mobilenet', createModel('mobilenetv2', { classes: 5, width: 8 }), 48],
    ['many', manyLayers(), 16],
    [
      'stacked',
      sequential({
        layers: [layers.flatten({ inputShape: [4, 4, 3] }), layers.dense({ units: 5 })],
      }),
      4,
    ],
  ];
  for (const network of networks)
    models.push([network.name, await networkModel(network), network.size]);
  const preprocessing = { scale: [0.1, 0.2, 0.3], offset: [-1, 0, 1] };
  const cases: { name: string; size: number; values: number[]; expected: number[] }[] = [];
  for (const [name, each, size] of models) {
    const values = Array.from(fill(name, 2 * size * size * 3), (u) => 3 * u);
    for (const scaled of [false, true]) {
      const preparation = { reverseChannels: true, preprocessing };
      const archive = await writeKerasArchive(each, scaled ? preparation : {});
      const file = `${name}${scaled ? '-scaled' : ''}`;
      await writeFile(join(folder, `${file}.keras`), archive);
      const expected = tf.tidy(() => {
        const x = tf.tensor4d(values, [2, size, size, 3]);
        const given = scaled
          ? tf.add(tf.mul(tf.reverse(x, -1), preprocessing.scale), preprocessing.offset)
          : x;
        return Array.from((each.predict(given) as tf.Tensor).dataSync());
      });
      cases.push({ name: file, size, values, expected });
    }
    each.dispose();
  }
  await writeFile(join(folder, 'inputs.json'), JSON.stringify(cases));
  const script = fileURLToPath(new URL('../../scripts/predict-keras-archives.py', import.meta.url));
  const { stdout } = await promisify(execFile)(process.env.FIXRES_PYTHON_KERAS!, [script, folder], {
    maxBuffer: 2 ** 24,
  });
  const predicted = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number[]>;
  for (const { name, expected } of cases)
    expect([name, relativeError(Float32Array.from(predicted[name]!), expected) < 1e-5]).toEqual([
      name,
      true,
    ]);
});
