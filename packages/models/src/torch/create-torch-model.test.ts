import { join } from 'node:path';
import { onEngine, temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import {
  torchFile,
  torchFixture,
  torchImage,
  type TorchNetworkCase,
  torchTensors,
} from '../../test/support/torch-networks.ts';
import { variableOf } from '../../test/support/variables.ts';
import { applyLogits } from '../apply-logits.ts';
import { sparseSoftmaxCrossEntropy } from '../kernels/sparse-softmax-cross-entropy.ts';
import { layerGroups } from '../layer-groups.ts';
import { loadModelFolder } from '../node/load-model-folder.ts';
import { saveModelFolder } from '../node/save-model-folder.ts';
import { SGD } from '../optimizers/sgd.ts';
import { createTorchModel, type CreateTorchModelOptions } from './create-torch-model.ts';
import { readSafetensors, type SavedTensor } from './read-safetensors.ts';

const { networks, halfPrecision, tuned } = torchFixture();

describe('createTorchModel', () => {
  beforeAll(() => setEngine('tensorflow'));

  it.each(networks.map((network) => [network.name, network] as const))(
    '%s predicts what it does in PyTorch',
    onEngine('tensorflow'),
    (name, network) => {
      const before = tf.memory().numTensors;
      const { architecture, heads } = network;
      const { model, classes } = createTorchModel(torchTensors(network), {
        architecture,
        heads,
        modified: true,
      });
      expect(classes).toBe(5);
      for (const [size, probabilities] of Object.entries(network.probabilities)) {
        const received = tf.tidy(() =>
          (model.predict(torchImage(`${name}/${size}`, Number(size))) as tf.Tensor).dataSync(),
        );
        expect(relativeError(received, probabilities)).toBeLessThan(1e-5);
      }
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it(
    'reads a network in half precision that the library safetensors wrote',
    onEngine('tensorflow'),
    () => {
      const tensors = readSafetensors(torchFile('model.safetensors'));
      const { model, architecture, arrays } = createTorchModel(tensors);
      expect({ architecture, arrays }).toEqual({ architecture: 'resnet', arrays: 107 });
      const received = tf.tidy(() =>
        (model.predict(torchImage('resnet18/64', 64)) as tf.Tensor).dataSync(),
      );
      expect(relativeError(received, halfPrecision)).toBeLessThan(1e-5);
      expect(layerGroups(model).map(({ name }) => name)).toEqual([
        'stem',
        'stage1',
        'stage2',
        'stage3',
        'stage4',
        'final-norm',
        'classifier',
      ]);
      model.dispose();
    },
  );

  it(
    'trains the last normalisation and the classifier as PyTorch does',
    onEngine('tensorflow'),
    () => {
      const { name, labels, rate, probabilities } = tuned;
      const { model } = createTorchModel(torchTensors(named(name)));
      for (const layer of model.layers)
        layer.trainable = ['layer4.0.bn3', 'fc'].includes(layer.name);
      const images = tf.tidy(() => tf.concat(labels.map((_, i) => torchImage(`${name}/${i}`, 64))));
      const optimizer = new SGD(rate);
      const variables = model.trainableWeights.map(variableOf);
      expect(variables).toHaveLength(4);
      for (const expected of probabilities) {
        const received = tf.tidy(() => tf.softmax(applyLogits(model, images, true)).dataSync());
        expect(relativeError(received, expected)).toBeLessThan(1e-5);
        optimizer.minimize(
          () =>
            tf.mean(
              sparseSoftmaxCrossEntropy(
                applyLogits(model, images, true),
                tf.tensor1d(labels, 'int32'),
              ),
            ),
          false,
          variables,
        );
      }
      images.dispose();
      optimizer.dispose();
      model.dispose();
    },
  );

  it('is saved and loaded as a model folder', onEngine('tensorflow'), async () => {
    // It has every layer and activation that other networks lack.
    const { model } = createTorchModel(torchTensors(named('mobilenetv3-large')), {
      architecture: 'mobilenetv3_large_100',
    });
    const folder = join(await temporaryFolder(), 'model');
    await saveModelFolder(model, folder, { version: 1 });
    const { model: loaded } = await loadModelFolder(folder);
    tf.tidy(() => {
      const image = torchImage('image', 64);
      const [before, after] = [model, loaded].map((each) =>
        (each.predict(image) as tf.Tensor).dataSync(),
      );
      expect(after).toEqual(before);
    });
    model.dispose();
    loaded.dispose();
  });

  it.each([
    ['convnext_atto', 1e-6],
    ['convnext_xxlarge', 1e-5],
  ])('takes the epsilon of %s', onEngine('tensorflow'), (architecture, epsilon) => {
    const tensors = torchTensors(named('convnext-conv'));
    const { model } = createTorchModel(tensors, { architecture, modified: true });
    const norms = model.layers.filter((layer) => layer.getClassName() === 'LayerNormalization');
    expect(norms.map((layer) => layer.getConfig().epsilon)).toEqual(norms.map(() => epsilon));
    model.dispose();
  });

  it('without a classifier, gives pooled features for a new one', onEngine('tensorflow'), () => {
    const tensors = torchTensors(named('resnet-basic'));
    tensors.delete('fc.weight');
    tensors.delete('fc.bias');
    expect(() => createTorchModel(tensors)).toThrow('tensor "fc.weight" is missing');
    const { model, classes } = createTorchModel(tensors, { newClassifier: true });
    expect({ classes, shape: model.outputs[0]!.shape }).toEqual({
      classes: undefined,
      shape: [null, 16],
    });
    model.dispose();
  });

  const changed = (
    change: (tensors: Map<string, SavedTensor>) => void,
  ): Map<string, SavedTensor> => {
    const tensors = torchTensors(named('resnet-basic'));
    change(tensors);
    return tensors;
  };
  const tensor = (...shape: number[]): SavedTensor => ({
    dtype: 'F32',
    shape,
    values: () => new Float32Array(tf.util.sizeFromShape(shape)),
  });

  it.each<[string, Map<string, SavedTensor>, CreateTorchModelOptions]>([
    [
      'The tensors of f are not those of a supported network: tensor "layer2.1.bn1.running_var" is missing.',
      changed((tensors) => tensors.delete('layer2.1.bn1.running_var')),
      {},
    ],
    [
      'The tensors of f are not those of a supported network: it has no place for "layer1.0.se.fc1.weight".',
      changed((tensors) => tensors.set('layer1.0.se.fc1.weight', tensor(4, 8, 1, 1))),
      {},
    ],
    [
      'it has no place for "a", "b", "c" and 1 more.',
      changed((tensors) => ['a', 'b', 'c', 'd'].forEach((name) => tensors.set(name, tensor(1)))),
      {},
    ],
    [
      'tensor "bn1.bias" is [63] instead of [64].',
      changed((tensors) => tensors.set('bn1.bias', tensor(63))),
      {},
    ],
    [
      'tensor "layer1.0.conv2.weight" is for 3 channels, but its input has 8.',
      changed((tensors) => tensors.set('layer1.0.conv2.weight', tensor(8, 3, 3, 3))),
      {},
    ],
    [
      'the kernel of "layer1.0.conv2" is 2 x 2.',
      changed((tensors) => tensors.set('layer1.0.conv2.weight', tensor(8, 8, 2, 2))),
      {},
    ],
    [
      'tensor "layer1.0.conv1.weight" is empty.',
      changed((tensors) => tensors.set('layer1.0.conv1.weight', tensor(0, 64, 3, 3))),
      {},
    ],
    [
      '"layer1.0.add" would add maps of 12 and 8 channels.',
      changed((tensors) => {
        tensors.set('layer1.0.conv2.weight', tensor(12, 8, 3, 3));
        for (const name of ['weight', 'bias', 'running_mean', 'running_var'])
          tensors.set(`layer1.0.bn2.${name}`, tensor(12));
      }),
      {},
    ],
    [
      'The tensors of f are those of a ResNet of other depths or widths, not of resnet18.',
      torchTensors(named('resnet-basic')),
      { architecture: 'resnet18' },
    ],
    [
      'The tensors of f are those of a ResNet, not of convnext_tiny.',
      torchTensors(named('resnet-basic')),
      { architecture: 'convnext_tiny' },
    ],
    [
      'Architecture "resnetblur50" is not supported; allowed are resnet18, ',
      torchTensors(named('resnet-basic')),
      { architecture: 'resnetblur50' },
    ],
    [
      'The tensors of f are those of no supported network: ResNet (tensor "layer1.0.conv1.weight"), ',
      new Map([['w', tensor(1)]]),
      {},
    ],
    [
      'The tensors are those of an EfficientNet or MobileNet, but do not show which: name it with --arch',
      torchTensors(named('efficientnet')),
      {},
    ],
  ])(
    'refuses with one line, and leaves no tensor: %s',
    onEngine('tensorflow'),
    (message, tensors, options) => {
      const before = tf.memory().numTensors;
      expect(() => createTorchModel(tensors, { name: 'f', ...options })).toThrow(message);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

function named(name: string): TorchNetworkCase {
  return networks.find((network) => network.name === name)!;
}
