// @module-tag native-engine
import { compileGraph } from '@fixres/engine/graph';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import {
  type KerasLayerCase,
  kerasLayerFixture,
  layerInputs,
  lossFactors,
  writeLayerModel,
} from '../../test/support/keras-layer-cases.ts';
import { temporaryFolder } from '@fixres/testing';
import { describe as describeModel } from '../describe/describe.ts';
import { loadModelFolder } from '../node/load-model-folder.ts';
import { kerasActivations } from './activation/keras-activations.ts';

/** Values by their places: 0, 1, ... */
function numbered<T>(values: readonly T[]): Record<string, T> {
  return Object.fromEntries(values.entries());
}

/** The output, and the gradients of the inputs. */
function outputAndGradients(
  model: LayersModel,
  each: KerasLayerCase,
  inputs: tf.Tensor[],
): Record<string, tf.Tensor> {
  const output = (...given: tf.Tensor[]): tf.Tensor =>
    model.apply(given.length === 1 ? given[0]! : given) as tf.Tensor;
  const gradients = tf.grads((...given) => tf.sum(tf.mul(output(...given), lossFactors(each))));
  return { y: output(...inputs), ...numbered(gradients(inputs)) };
}

it('our own layers compile, and describe knows them', async () => {
  await setEngine('tensorflow');
  const folder = await temporaryFolder();
  const compiled = new Set<string>();
  for (const each of kerasLayerFixture().cases.filter(({ gradients }) => gradients !== undefined)) {
    writeLayerModel(folder, each);
    const model = await loadModelFolder(folder).then(
      (loaded) => loaded.model,
      () => undefined,
    );
    const layer = model?.layers.at(-1);
    const activation = layer?.getConfig().activation as string | undefined;
    const own =
      layer?.getClassName().startsWith('Keras') === true
        ? layer.getClassName()
        : kerasActivations.find((name) => name === activation);
    if (model === undefined || own === undefined) continue;
    compiled.add(own);
    if (model.inputs[0]!.shape.length === 4)
      expect(describeModel(model, 8).unknownLayers).toEqual([]);
    const inputs = layerInputs(each);
    const graph = compileGraph({
      step: {
        inputs: numbered(inputs.map(({ shape }) => ({ shape, dtype: 'float32' as const }))),
        run: (given) => outputAndGradients(model, each, Object.values(given)),
      },
    });
    tf.tidy(() => {
      const received = graph.run('step', numbered(inputs));
      for (const [name, expected] of Object.entries(outputAndGradients(model, each, inputs))) {
        expect(
          relativeError(received[name]!.dataSync(), expected.dataSync()),
          `${name} of ${each.layer}(${each.setting})`,
          // The sums of an attention round differently in the graph.
        ).toBeLessThan(each.layer === 'MultiHeadAttention' ? 1e-5 : 1e-6);
      }
    });
    graph.dispose();
    model.dispose();
  }
  const classes = [
    'CenterCrop',
    'Conv2D',
    'DepthwiseConv2D',
    'ELU',
    'GlobalPooling',
    'MultiHeadAttention',
    'ReLU',
    'Resizing',
    'Softmax',
    'UpSampling2D',
  ].map((name) => `Keras${name}`);
  expect([...compiled].sort()).toEqual([...kerasActivations, ...classes].sort());
});
