import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kerasBytes } from '../../test/support/keras-files.ts';
import { kerasNetworks, networkFile, networkImage } from '../../test/support/keras-networks.ts';
import { applyLogits, endsInSigmoid } from '../apply-logits.ts';
import { layerGroups } from '../layer-groups.ts';
import { readKerasWeights } from '../weights/files/read-keras-weights.ts';
import type { KerasWeights } from '../weights/keras-weights.ts';
import { createKerasModel } from './create-keras-model.ts';

const networks = kerasNetworks().filter(({ narrow }) => narrow === true);

/** Of each network: who scales its images, and where its groups of layers end. */
const facts: Readonly<Record<string, { scales: string; groups: Record<string, string> }>> = {
  ConvNeXtTiny: {
    scales: 'itself',
    groups: {
      stem: 'convnext_tiny_stem/convnext_tiny_stem_layernorm',
      stage1: 'convnext_tiny_downsampling_block_0/convnext_tiny_downsampling_layernorm_0',
      stage2: 'convnext_tiny_downsampling_block_1/convnext_tiny_downsampling_layernorm_1',
      stage3: 'convnext_tiny_downsampling_block_2/convnext_tiny_downsampling_layernorm_2',
      stage4: 'add_17',
      classifier: 'convnext_tiny_head_dense',
    },
  },
  DenseNet121: {
    scales: 'torch',
    groups: {
      stem: 'conv2_block1_0_relu',
      stage1: 'pool2_conv',
      stage2: 'pool3_conv',
      stage3: 'pool4_conv',
      stage4: 'conv5_block16_2_conv',
      'final-norm': 'relu',
      classifier: 'predictions',
    },
  },
  EfficientNetV2B0: {
    scales: 'itself',
    groups: {
      stem: 'stem_activation',
      stage1: 'block1a_project_activation',
      stage2: 'block2b_add',
      stage3: 'block4a_expand_activation',
      stage4: 'block6a_expand_activation',
      stage5: 'top_conv',
      'final-norm': 'top_activation',
      classifier: 'predictions',
    },
  },
  ResNet50: {
    scales: 'caffe',
    groups: {
      stem: 'pool1_pool',
      stage1: 'conv2_block3_out',
      stage2: 'conv3_block4_out',
      stage3: 'conv4_block6_out',
      stage4: 'conv5_block3_3_conv',
      'final-norm': 'conv5_block3_out',
      classifier: 'predictions',
    },
  },
  VGG16: {
    scales: 'caffe',
    groups: {
      stem: 'block1_conv1',
      stage1: 'block1_conv2',
      stage2: 'block2_conv2',
      stage3: 'block3_conv3',
      stage4: 'block4_conv3',
      stage5: 'block5_pool',
      classifier: 'predictions',
    },
  },
  Xception: {
    scales: 'plus-minus-one',
    groups: {
      stem: 'block1_conv1_act',
      stage1: 'block2_sepconv2_bn',
      stage2: 'block3_sepconv2_bn',
      stage3: 'block4_sepconv2_bn',
      stage4: 'block13_sepconv2_bn',
      stage5: 'block14_sepconv2',
      'final-norm': 'block14_sepconv2_act',
      classifier: 'predictions',
    },
  },
};

/** A file of scripts/make-import-fixtures.py. */
function importFixture(name: string): Buffer {
  return readFileSync(new URL(`../../test/fixtures/keras-import/${name}`, import.meta.url));
}

/** Models with attention, and Keras's probabilities of two images of 8x8 pixels. */
const attentions = Object.entries(
  JSON.parse(importFixture('attention.json').toString()) as Record<string, number[][]>,
);

/** Two images of the fixtures' script, levels 0 to 255. */
function imagesOf(size: number): tf.Tensor4D {
  const levels = Array.from(fill('images', 2 * size * size * 3), (value) =>
    Math.round(127.5 + 127.5 * value),
  );
  return tf.tensor4d(levels, [2, size, size, 3]);
}

describe('createKerasModel', () => {
  beforeAll(() => setEngine('tensorflow'));

  it.each(networks.map((network) => [network.name, network] as const))(
    'creates %s of keras.applications, narrow, with groups of layers',
    onEngine('tensorflow'),
    async (_, network) => {
      const { model, scalesInput, application } = await createKerasModel(networkFile(network));
      const received = tf.tidy(() =>
        (model.predict(networkImage(network)) as tf.Tensor).dataSync(),
      );
      expect(relativeError(received, network.probabilities)).toBeLessThan(1e-5);
      const { scales, groups } = facts[network.name]!;
      expect(scalesInput ? 'itself' : application?.scaling).toBe(scales);
      // The last layer of each group, which is the last one at its resolution.
      const ends = layerGroups(model).map(({ name, layers }) => [name, layers.at(-1)]);
      expect(Object.fromEntries(ends)).toEqual(groups);
      model.dispose();
    },
  );

  it.each([
    ['of integers', []],
    ['of floating-point numbers', [{ name: 'count', shape: [], values: Float32Array.of(32) }]],
  ])(
    'reads a Normalization of tf_keras with a count %s',
    onEngine('tensorflow'),
    async (_, count) => {
      const name = '../keras-import/normalization.h5.gz';
      const weights = await readKerasWeights(kerasBytes(name), { name });
      const counted = weights.layers.map((layer) =>
        layer.name === 'normalization' ? { ...layer, arrays: [...layer.arrays, ...count] } : layer,
      );
      const { model, matchedBy } = await createKerasModel(
        { ...weights, layers: counted },
        { ownConfig: false },
      );
      expect(matchedBy).toBe('name');
      const received = tf.tidy(() => (model.predict(imagesOf(8)) as tf.Tensor).dataSync());
      const expected = JSON.parse(
        new TextDecoder().decode(kerasBytes('../keras-import/normalization.json')),
      ) as number[][];
      expect(relativeError(received, expected.flat())).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  it.each(attentions)(
    'reads the attentions of %s, in a nested model too',
    onEngine('tensorflow'),
    async (file, probabilities) => {
      const bytes = new Uint8Array(gunzipSync(importFixture(`${file}.gz`)));
      const { model, arrays } = await createKerasModel(await readKerasWeights(bytes));
      const received = tf.tidy(() => (model.predict(imagesOf(8)) as tf.Tensor).dataSync());
      expect(relativeError(received, probabilities.flat())).toBeLessThan(1e-5);
      // Two for each of the convolution, two normalisations and the classifier; three attentions.
      expect(arrays).toBe(8 + 8 + 4 + 8);
      model.dispose();
    },
  );

  it.each(['last-functional', 'last-sequential'])(
    'reads a model that ends in another model: %s',
    onEngine('tensorflow'),
    async (name) => {
      const bytes = new Uint8Array(gunzipSync(importFixture(`${name}.keras.gz`)));
      const { model } = await createKerasModel(await readKerasWeights(bytes));
      const received = tf.tidy(() => (model.predict(imagesOf(8)) as tf.Tensor).dataSync());
      const { [name]: expected } = JSON.parse(
        importFixture('last-model.json').toString(),
      ) as Record<string, number[][]>;
      expect(relativeError(received, expected!.flat())).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  it.each([
    ['keeps the sigmoid', 'multi-label-convolution', {}],
    ['puts a sigmoid behind the logits', 'multi-label-logits', { multiLabel: true }],
  ] as const)('%s of a multi-label classifier that is a convolution', async (_, name, options) => {
    const { size, predictions } = (
      JSON.parse(importFixture('multi-label.json').toString()) as Record<
        string,
        { size: number; predictions: number[][] }
      >
    )[name]!;
    const bytes = new Uint8Array(gunzipSync(importFixture(`${name}.keras.gz`)));
    const { model, head } = await createKerasModel(await readKerasWeights(bytes), options);
    expect([head, endsInSigmoid(model)]).toEqual(['multi-label', true]);
    tf.tidy(() => {
      const image = imagesOf(size);
      expect(
        relativeError((model.predict(image) as tf.Tensor).dataSync(), predictions.flat()),
      ).toBeLessThan(1e-5);
      const logits = applyLogits(model, image, false);
      expect(relativeError(tf.sigmoid(logits).dataSync(), predictions.flat())).toBeLessThan(1e-5);
    });
    model.dispose();
  });

  it('refuses a network with a class for each pixel', onEngine('tensorflow'), async () => {
    const layers = [
      { class_name: 'InputLayer', config: { name: 'image', batch_shape: [null, 16, 16, 3] } },
      {
        class_name: 'Conv2D',
        config: { name: 'classes', filters: 4, kernel_size: [1, 1], activation: 'softmax' },
      },
    ];
    const weights: KerasWeights = {
      layout: 'legacy',
      layers: [],
      config: { class_name: 'Sequential', config: { name: 'segmentation', layers } },
    };
    const { numTensors } = tf.memory();
    await expect(createKerasModel(weights)).rejects.toThrow(
      'The output of the model in the file has the shape [16, 16, 4]; a classifier has one number for each class.',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it(
    'leaves out stochastic depth, on request, with the same predictions',
    onEngine('tensorflow'),
    async () => {
      const network = networks.find(({ name }) => name === 'EfficientNetV2B0')!;
      const dropouts = ({ layers }: LayersModel): number =>
        layers.filter((layer) => layer.getClassName() === 'Dropout').length;
      const { model: whole } = await createKerasModel(networkFile(network));
      const { model } = await createKerasModel(networkFile(network), { dropPath: false });
      // The dropout before the classifier stays.
      expect([dropouts(whole) > 10, dropouts(model)]).toEqual([true, 1]);
      const received = tf.tidy(() =>
        (model.predict(networkImage(network)) as tf.Tensor).dataSync(),
      );
      expect(relativeError(received, network.probabilities)).toBeLessThan(1e-5);
      model.dispose();
      whole.dispose();
    },
  );
});
