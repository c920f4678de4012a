import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compileGraph, writeSavedModel } from '@fixres/engine/graph';
import { onEngine, temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../../test/support/compare.ts';
import { engines, setEngine } from '../../../test/support/engines.ts';
import {
  torchFixture,
  torchImage,
  type TorchNetworkCase,
  torchTensors,
} from '../../../test/support/torch-networks.ts';
import { variableOf } from '../../../test/support/variables.ts';
import { applyLogits } from '../../apply-logits.ts';
import { describe as describeModel } from '../../describe/describe.ts';
import { sparseSoftmaxCrossEntropy } from '../../kernels/sparse-softmax-cross-entropy.ts';
import { layerGroups } from '../../layer-groups.ts';
import type { SavedTensor } from '../read-safetensors.ts';
import { createTorchModel } from '../create-torch-model.ts';

const { networks, products } = torchFixture();

function named(name: string): TorchNetworkCase {
  return networks.find((network) => network.name === name)!;
}

function created(name: string): LayersModel {
  return createTorchModel(torchTensors(named(name)), { heads: 2 }).model;
}

/** The layer that has a tensor of timm's vision transformer. */
function layerOf(tensor: string): string {
  if (/^(?:cls_token|reg_token|pos_embed)$/.test(tensor)) return 'pos_embed';
  return tensor.replace(/(?:\.attn\.\w+)?\.\w+$/, (end) =>
    end.startsWith('.attn') ? '.attn' : '',
  );
}

/** The sums of gradients times squared weights by layer, for the fixture's image and label. */
function weighedGradients(model: LayersModel, image: tf.Tensor): Map<string, tf.Scalar> {
  const layers = model.layers.filter((layer) => layer.weights.length > 0);
  const variables = layers.flatMap((layer) => layer.trainableWeights.map(variableOf));
  const { grads } = tf.variableGrads(() => {
    const logits = applyLogits(model, image, true);
    return tf.mean(sparseSoftmaxCrossEntropy(logits, tf.tensor1d([products.label], 'int32')));
  }, variables);
  return new Map(
    layers.map((layer) => {
      const sums = layer.trainableWeights
        .map(variableOf)
        .map((variable) => tf.sum(tf.mul(grads[variable.name]!, tf.square(variable))));
      return [layer.name, tf.addN(sums) as tf.Scalar];
    }),
  );
}

const expected = new Map<string, number>();
for (const [tensor, sum] of Object.entries(products.sums))
  expected.set(layerOf(tensor), (expected.get(layerOf(tensor)) ?? 0) + sum);

function expectGradients(sums: ReadonlyMap<string, number>): void {
  expect([...sums.keys()].sort()).toEqual([...expected.keys()].sort());
  const values = [...expected.keys()].map((layer) => sums.get(layer)!);
  expect(relativeError(values, [...expected.values()])).toBeLessThan(1e-5);
}

describe('vision transformers', () => {
  for (const engine of engines) {
    it(
      `have the gradients of PyTorch with resampled positions, on ${engine}`,
      onEngine(engine),
      async () => {
        await setEngine(engine);
        const before = tf.memory().numTensors;
        const model = created(products.name);
        tf.tidy(() => {
          const image = torchImage(`${products.name}/${products.size}`, products.size);
          const sums = [...weighedGradients(model, image)];
          expectGradients(new Map(sums.map(([name, sum]) => [name, sum.dataSync()[0]!])));
          const probabilities = (model.predict(image) as tf.Tensor).dataSync();
          expect(
            relativeError(probabilities, named(products.name).probabilities[products.size]!),
          ).toBeLessThan(1e-5);
        });
        model.dispose();
        expect(tf.memory().numTensors).toBe(before);
      },
    );
  }

  it(
    'are compiled with their gradient, and saved for any number of images',
    onEngine('tensorflow'),
    async () => {
      await setEngine('tensorflow');
      const model = created(products.name);
      const { name, size } = products;
      const graph = compileGraph({
        gradients: {
          inputs: { image: { shape: [1, size, size, 3], dtype: 'float32' } },
          run: ({ image }) => Object.fromEntries(weighedGradients(model, image!)),
        },
      });
      const image = torchImage(`${name}/${size}`, size);
      const sums = Object.entries(graph.run('gradients', { image }));
      expectGradients(new Map(sums.map(([layer, sum]) => [layer, sum.dataSync()[0]!])));
      tf.dispose([image, sums]);
      graph.dispose();
      // A graph for any number of images.
      const folder = join(await temporaryFolder(), 'saved');
      await writeSavedModel(
        folder,
        { images: { shape: [size, size, 3], dtype: 'float32' } },
        ({ images }) => ({
          output: model.apply(images!, { training: false }) as tf.Tensor,
        }),
      );
      expect(await readdir(folder)).toContain('saved_model.pb');
      model.dispose();
    },
  );

  it('have groups of blocks, costs and multiples of the patch as sizes', async () => {
    await setEngine('cpu');
    const model = created(products.name);
    const groups = layerGroups(model);
    expect(groups.map(({ name, layers }) => [name, layers[0], layers.at(-1)])).toEqual([
      ['stem', 'input_layer', 'pos_embed'],
      ['block1', 'blocks.0.norm1', 'blocks.0.add2'],
      ['block2', 'blocks.1.norm1', 'blocks.1.add2'],
      ['final-norm', 'norm', 'norm'],
      ['classifier', 'global_pool', 'head'],
    ]);
    const { multiplyAdds, parameters, unknownLayers } = describeModel(model, products.size);
    const sizes = named(products.name).tensors.map(({ shape }) => tf.util.sizeFromShape(shape));
    expect({ multiplyAdds, parameters, unknownLayers }).toEqual({
      multiplyAdds: products.multiplyAdds,
      parameters: sizes.reduce((sum, size) => sum + size, 0),
      unknownLayers: [],
    });
    expect(() => describeModel(model, 60)).toThrow(
      'Option size is 60; it must be a multiple of 8, the side of a patch of',
    );
    model.dispose();
  });

  it.each([
    ['deit_tiny_patch16_224', [3, 192, 12, 16, 14], 'deit_tiny_patch16_224'],
    [undefined, [3, 192, 12, 16, 24], 'vit_tiny_patch16_384'],
  ])('finds the published size and its heads: %s', (architecture, [heads, ...sizes], found) => {
    const {
      model,
      architecture: name,
      size,
    } = createTorchModel(shapes(...(sizes as [number, number, number, number])), { architecture });
    const attention = model.getLayer('blocks.11.attn').getConfig();
    expect({ name, heads: attention.numHeads }).toEqual({ name: found, heads });
    expect(size).toBe(sizes[2]! * sizes[3]!);
    model.dispose();
  });

  it.each([
    ['those of the name at another width', 96, undefined, 6],
    ['those that are given', 192, 4, 4],
  ])('have as heads in a modified architecture %s', (_, width, given, heads) => {
    const { model } = createTorchModel(shapes(width, 12, 16, 24), {
      architecture: 'vit_small_patch16_384',
      modified: true,
      heads: given,
    });
    expect(model.getLayer('blocks.11.attn').getConfig().numHeads).toBe(heads);
    model.dispose();
  });

  it.each([
    [
      'transformer with 16 channels and 2 blocks, but do not show its number of heads: give config.json',
      shapes(16, 2, 8, 4),
      {},
    ],
    [
      '"blocks.0.attn" has 16 channels, which 3 heads do not divide.',
      shapes(16, 2, 8, 4),
      { heads: 3 },
    ],
    [
      'are those of vit_tiny_patch16_224, not of vit_tiny_patch8_224.',
      shapes(192, 12, 16, 14),
      { architecture: 'vit_tiny_patch8_224' },
    ],
    [
      'tensor "pos_embed" has 19 positions, which are not those of a square grid.',
      new Map([...shapes(16, 2, 8, 4), ['pos_embed', tensor(1, 19, 16)]]),
      { heads: 2 },
    ],
    [
      'has attention with relative positions (tensor "blocks.0.attn.relative_position_bias_table"), as Swin',
      new Map([
        ...shapes(16, 2, 8, 4),
        ['blocks.0.attn.relative_position_bias_table', tensor(49, 3)],
      ]),
      {},
    ],
    [
      'Architecture vit_small_patch16_384 has 6 attention heads, but the published size with the channels and blocks of the tensors has 3: give',
      shapes(192, 12, 16, 24),
      { architecture: 'vit_small_patch16_384', modified: true },
    ],
    [
      'The classifier of the file has one output; at least two are needed.',
      new Map([...shapes(16, 2, 8, 4), ['head.weight', tensor(1, 16)], ['head.bias', tensor(1)]]),
      { heads: 2 },
    ],
    [
      'Architecture "swin_tiny_patch4_window7_224" is not supported: its attention is inside windows',
      shapes(16, 2, 8, 4),
      { architecture: 'swin_tiny_patch4_window7_224' },
    ],
  ])('refuses with one line: %s', (message, tensors, options) => {
    expect(() => createTorchModel(tensors, options)).toThrow(message);
  });
});

function tensor(...shape: number[]): SavedTensor {
  return { dtype: 'F32', shape, values: () => new Float32Array(tf.util.sizeFromShape(shape)) };
}

/** The tensors of timm's vision transformer with zeros. */
function shapes(
  width: number,
  depth: number,
  patch: number,
  grid: number,
): Map<string, SavedTensor> {
  const linear = (name: string, from: number, to: number): [string, SavedTensor][] => [
    [`${name}.weight`, tensor(to, from)],
    [`${name}.bias`, tensor(to)],
  ];
  const norm = (name: string): [string, SavedTensor][] =>
    ['weight', 'bias'].map((end) => [`${name}.${end}`, tensor(width)]);
  return new Map([
    ['cls_token', tensor(1, 1, width)],
    ['pos_embed', tensor(1, 1 + grid ** 2, width)],
    ['patch_embed.proj.weight', tensor(width, 3, patch, patch)],
    ['patch_embed.proj.bias', tensor(width)],
    ...Array.from({ length: depth }, (_, i) => [
      ...norm(`blocks.${i}.norm1`),
      ...linear(`blocks.${i}.attn.qkv`, width, 3 * width),
      ...linear(`blocks.${i}.attn.proj`, width, width),
      ...norm(`blocks.${i}.norm2`),
      ...linear(`blocks.${i}.mlp.fc1`, width, 4 * width),
      ...linear(`blocks.${i}.mlp.fc2`, 4 * width, width),
    ]).flat(),
    ...norm('norm'),
    ...linear('head', width, 5),
  ]);
}
