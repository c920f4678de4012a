import { temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { layers, loadLayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import {
  type KerasLayerCase,
  kerasLayerFixture,
  layerInputs,
  writeLayerModel,
} from '../../test/support/keras-layer-cases.ts';
import { compareInLiteRt } from '../../test/support/litert.ts';
import { joinedGraphs, runOnnx } from '../../test/support/onnx-session.ts';
import { FixresModelsError } from '../errors.ts';
import { loadModelFolder } from '../node/load-model-folder.ts';
import type { OnnxGraph } from './graph/onnx-graph.ts';
import { translators } from './layers/translators.ts';
import { onnxFromModel } from './onnx-from-model.ts';

it('layers in ONNX Runtime and LiteRT compute the same as in Keras, or are refused by their name', async () => {
  await setEngine('cpu');
  const folder = await temporaryFolder();
  const refused = new Map<string, Set<string>>();
  const exported: { each: KerasLayerCase; graph: OnnxGraph }[] = [];
  for (const each of kerasLayerFixture().cases.filter(isExported)) {
    writeLayerModel(folder, each);
    const loaded = await loadModelFolder(folder).catch(() => undefined);
    if (loaded === undefined) continue;
    try {
      exported.push({ each, graph: await onnxFromModel(loaded.model) });
    } catch (error) {
      if (!(error instanceof FixresModelsError)) throw error;
      const [, name, reason] = /^Layer "\w+" \((\w+)\) cannot be exported to ONNX: it (.*)\.$/.exec(
        error.message,
      )!;
      refused.set(reason!, (refused.get(reason!) ?? new Set()).add(name!));
    } finally {
      loaded.model.dispose();
    }
  }
  // One session for all: creating one takes longer than running it.
  const inputs = exported.map(({ each }) => layerInputs(each));
  const results = await runOnnx(joinedGraphs(exported.map(({ graph }) => graph)), inputs.flat());
  const inLiteRt = await compareInLiteRt(
    exported.map(({ each: { layer, setting, outputs }, graph }, i) => ({
      name: `${layer}(${setting})`,
      className: layer,
      graph,
      inputs: inputs[i]!,
      outputs,
    })),
  );
  tf.dispose(inputs);
  const wrong: string[] = [];
  for (const { layer, setting, outputs } of exported.map(({ each }) => each))
    for (const { shape, values } of outputs) {
      const { dims, data } = results.shift()!;
      const error = values.every((value) => value === 0)
        ? Math.max(...(data as Float32Array).map(Math.abs))
        : relativeError(data as Float32Array, values);
      if (dims.join() !== shape.join() || !(error < 1e-5))
        wrong.push(`${layer}(${setting}): [${dims.join()}] for [${shape.join()}], off by ${error}`);
    }
  expect(wrong).toEqual([]);
  expect(exported.length).toBeGreaterThan(150);
  expect(inLiteRt.wrong).toEqual([]);
  expect(inLiteRt.count).toBeGreaterThan(120);
  expect(listed(inLiteRt.refused)).toEqual(refusedInTflite);
  expect(listed(refused)).toEqual({
    'is of a class that has no translation': refusedClasses,
  });
});

function listed(refused: ReadonlyMap<string, ReadonlySet<string>>): Record<string, string[]> {
  return Object.fromEntries(Array.from(refused, ([reason, names]) => [reason, [...names].sort()]));
}

it('the layer that swaps red and blue swaps them in ONNX Runtime, in both orders of axes', async () => {
  await setEngine('cpu');
  const config = { name: 'swap', batch_input_shape: [null, 2, 2, 3] };
  const modelTopology = {
    class_name: 'Sequential',
    config: { layers: [{ class_name: 'KerasReverseChannels', config }] },
  };
  const swapped = await loadLayersModel(tf.io.fromMemory({ modelTopology }));
  const x = tf.tensor4d([...Array(12).keys()], [1, 2, 2, 3]);
  const planes = tf.transpose(x, [0, 3, 1, 2]);
  for (const [given, order] of [
    [x, 'own'],
    [planes, 'channels-first'],
  ] as const) {
    const [output] = await runOnnx(await onnxFromModel(swapped, { input: order }), [given]);
    expect([...(output!.data as Float32Array)]).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]);
  }
  tf.dispose([x, planes]);
});

it('every layer that can be loaded is translated, or among those that are refused', () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const isLayer = (name: string): boolean =>
    classNameMap[name]![0].prototype instanceof layers.Layer;
  const neverSaved = ['Functional', 'InputLayer', 'Model', 'Sequential'];
  const untranslated = Object.keys(classNameMap).filter(
    (name) => isLayer(name) && !(name in translators) && !neverSaved.includes(name),
  );
  expect(untranslated.sort()).toEqual([...refusedClasses, ...unloadable].sort());
});

/** Layers with at least one setting that is not translated from ONNX to TFLite. */
const refusedInTflite = {
  'has a window of three dimensions': ['AveragePooling3D', 'Conv3D'],
  'needs the operator ConvTranspose of ONNX, which is not supported': ['Conv2DTranspose'],
};

/** Classes that have no translation. */
const refusedClasses = [
  'Bidirectional',
  'ConvLSTM2D',
  'Dot',
  'GRU',
  'LSTM',
  'RNN',
  'SimpleRNN',
  'TimeDistributed',
];

/** Classes of tfjs that no model of Keras is loaded with: cells, and what computes something else. */
const unloadable = [
  'CategoryEncoding',
  'CenterCrop',
  'Conv3DTranspose',
  'ConvLSTM2DCell',
  'GRUCell',
  'LSTMCell',
  'Masking',
  'RandomWidth',
  'Resizing',
  'SimpleRNNCell',
  'StackedRNNCells',
];

/**
 * One setting at a time, and each activation once: loading the models takes most of the time, and
 * after loading, names of Keras no longer depend on its version.
 */
function isExported({ keras, layer, setting }: KerasLayerCase): boolean {
  if (keras !== 3 || setting.startsWith('random')) return false;
  const isRecurrent = /RNN|LSTM|GRU|Bidirectional/.test(layer);
  const isKnown = setting.startsWith('activation=') && layer !== 'Activation';
  // A GRU with the default is not loaded.
  return ['', 'reset_after=False'].includes(setting) || !(isRecurrent || isKnown);
}
