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

/** The output, and the gradient of the input. */
function outputAndGradient(
  model: LayersModel,
  each: KerasLayerCase,
  x: tf.Tensor,
): Record<string, tf.Tensor> {
  const loss = (input: tf.Tensor): tf.Scalar =>
    tf.sum(tf.mul(model.apply(input) as tf.Tensor, lossFactors(each)));
  return { y: model.apply(x) as tf.Tensor, gradient: tf.grad(loss)(x) };
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
    const [x] = layerInputs(each);
    const graph = compileGraph({
      step: {
        inputs: { x: { shape: x!.shape, dtype: 'float32' } },
        run: (inputs) => outputAndGradient(model, each, inputs.x!),
      },
    });
    tf.tidy(() => {
      const received = graph.run('step', { x: x! });
      for (const [name, expected] of Object.entries(outputAndGradient(model, each, x!))) {
        expect(
          relativeError(received[name]!.dataSync(), expected.dataSync()),
          `${name} of ${each.layer}(${each.setting})`,
        ).toBeLessThan(1e-6);
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
    'ReLU',
    'Resizing',
    'Softmax',
    'UpSampling2D',
  ].map((name) => `Keras${name}`);
  expect([...compiled].sort()).toEqual([...kerasActivations, ...classes].sort());
});
