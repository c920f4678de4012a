// @module-tag native-engine
import { compileGraph, type InputSpec } from '@fixres/engine/graph';
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

/** Larger graphs take more than proportionally long to optimise. */
const CASES_PER_GRAPH = 16;

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

/** A case whose layer, or the activation of it, is ours. */
interface OwnCase {
  each: KerasLayerCase;
  model: LayersModel;
  inputs: tf.Tensor[];
}

it('our own layers compile, and describe knows them', async () => {
  await setEngine('tensorflow');
  const folder = await temporaryFolder();
  const compiled = new Set<string>();
  const own: OwnCase[] = [];
  for (const each of kerasLayerFixture().cases.filter(({ gradients }) => gradients !== undefined)) {
    writeLayerModel(folder, each);
    const model = await loadModelFolder(folder).then(
      (loaded) => loaded.model,
      () => undefined,
    );
    const layer = model?.layers.at(-1);
    const activation = layer?.getConfig().activation as string | undefined;
    const name =
      layer?.getClassName().startsWith('Keras') === true
        ? layer.getClassName()
        : kerasActivations.find((known) => known === activation);
    if (model === undefined || name === undefined) {
      model?.dispose();
      continue;
    }
    compiled.add(name);
    if (model.inputs[0]!.shape.length === 4)
      expect(describeModel(model, 8).unknownLayers).toEqual([]);
    own.push({ each, model, inputs: layerInputs(each) });
  }
  // TensorFlow takes longer to load a graph than to run it.
  for (let from = 0; from < own.length; from += CASES_PER_GRAPH)
    expectSameInGraph(own.slice(from, from + CASES_PER_GRAPH));
  tf.dispose(own.map(({ inputs }) => inputs));
  for (const { model } of own) model.dispose();
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

/** All cases in one graph compute the same as kernel by kernel. */
function expectSameInGraph(cases: readonly OwnCase[]): void {
  const results = (given: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> =>
    Object.fromEntries(
      cases.flatMap(({ each, model, inputs }, i) =>
        Object.entries(
          outputAndGradients(
            model,
            each,
            inputs.map((_, j) => given[`${i}_${j}`]!),
          ),
        ).map(([name, value]) => [`${i}_${name}`, value]),
      ),
    );
  const fed = Object.fromEntries(
    cases.flatMap(({ inputs }, i) => inputs.map((input, j) => [`${i}_${j}`, input])),
  );
  const specs = Object.entries(fed).map(([name, { shape }]) => [
    name,
    { shape, dtype: 'float32' as const },
  ]);
  const graph = compileGraph({
    step: { inputs: Object.fromEntries(specs) as Record<string, InputSpec>, run: results },
  });
  tf.tidy(() => {
    const received = graph.run('step', fed);
    for (const [name, expected] of Object.entries(results(fed))) {
      const { layer, setting } = cases[Number.parseInt(name, 10)]!.each;
      expect(
        relativeError(received[name]!.dataSync(), expected.dataSync()),
        `${name} of ${layer}(${setting})`,
        // The sums of an attention round differently in the graph.
      ).toBeLessThan(layer === 'MultiHeadAttention' ? 1e-5 : 1e-6);
    }
  });
  graph.dispose();
}
