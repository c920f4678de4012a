import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onEngine, temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import {
  type KerasLayerCase,
  kerasLayerFixture,
  layerInputs,
  lossFactors,
  writeLayerModel,
} from '../../test/support/keras-layer-cases.ts';
import {
  type LayerOutcome,
  type LayerResult,
  layerTable,
} from '../../test/support/keras-layer-table.ts';
import { variableOf } from '../../test/support/variables.ts';
import { FixresModelsError } from '../errors.ts';
import { kerasActivations } from '../layers/activation/keras-activations.ts';
import { loadModelFolder } from '../node/load-model-folder.ts';
import { saveModelFolder } from '../node/save-model-folder.ts';

const { cases, cells, keras, tfKeras } = kerasLayerFixture();

/** How the layer was loaded, or what is wrong with it. */
type Verdict = LayerOutcome | `wrong: ${string}`;

/** What became of the cases, in their order. */
let loaded: (LayersModel | { error: unknown })[];

describe('layers of Keras', () => {
  // Once for all engines, to which TensorFlow.js moves the weights: loading a model takes longer than most layers.
  beforeAll(async () => {
    // tfjs prints two lines each time an unrolled layer computes.
    vi.spyOn(console, 'warn').mockReturnValue();
    await setEngine('cpu');
    const before = tf.memory().numTensors;
    const folder = mkdtempSync(join(tmpdir(), 'fixres-test-'));
    loaded = [];
    for (const each of cases) {
      writeLayerModel(folder, each);
      loaded.push(
        await loadModelFolder(folder).then(
          ({ model }) => model,
          (error: unknown) => ({ error }),
        ),
      );
    }
    rmSync(folder, { recursive: true });
    return () => {
      for (const each of loaded) if (!('error' in each)) each.dispose();
      vi.restoreAllMocks();
      expect(tf.memory().numTensors).toBe(before);
    };
  });

  for (const engine of engines)
    it(
      `compute the same as in Keras, with the same gradient, or are rejected, on ${engine}`,
      onEngine(engine),
      async () => {
        await setEngine(engine);
        const before = tf.memory().numTensors;
        const results = cases.map((each, i): LayerResult | string => {
          const { keras, layer, setting } = each;
          const verdict = verdictOf(loaded[i]!, each);
          return isOutcome(verdict)
            ? { keras, layer, setting, outcome: verdict }
            : `Keras ${keras} ${layer}(${setting}) ${verdict}`;
        });
        expect(results.filter((result) => typeof result === 'string')).toEqual([]);
        expect(tf.memory().numTensors).toBe(before);
        // The table is a promise to users. To update it: `pnpm vitest run FILE --update`.
        await expect(
          layerTable(results as LayerResult[], `${keras} and tf_keras ${tfKeras}`),
        ).toMatchFileSnapshot('../../../../docs/keras-layers.md');
      },
    );

  it('cover every layer that tfjs registers', () => {
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    const isLayer = (name: string): boolean =>
      classNameMap[name]![0].prototype instanceof layers.Layer;
    const tested = new Set([
      ...cases.map(({ layer }) => layer),
      ...cells,
      'Model',
      'Functional',
      'Sequential',
      // Of PyTorch's networks.
      'TokenPooling',
      'ViTEmbeddings',
    ]);
    // Our own layers of Keras start with Keras.
    expect(
      Object.keys(classNameMap).filter(
        (name) => isLayer(name) && !name.startsWith('Keras') && !tested.has(name),
      ),
    ).toEqual([]);
  });

  it('compute the same after being saved as a model folder', async () => {
    await setEngine('cpu');
    const above = await temporaryFolder();
    let saved = 0;
    const different: string[] = [];
    for (const [i, each] of cases.entries()) {
      const model = loaded[i]!;
      if ('error' in model) continue;
      const folder = join(above, String((saved += 1)));
      await saveModelFolder(model, folder, { version: 1 });
      const again = await loadModelFolder(folder).catch(() => undefined);
      const [before, after] = [model, again?.model].map(
        (either) =>
          either &&
          tf.tidy(() =>
            predictionOf(either, each)
              .map((output) => [...output.dataSync()])
              .join(),
          ),
      );
      if (before !== after) different.push(`Keras ${each.keras} ${each.layer}(${each.setting})`);
      again?.model.dispose();
    }
    expect(different).toEqual([]);
    expect(saved).toBeGreaterThan(900);
  });
});

function isOutcome(verdict: Verdict): verdict is LayerOutcome {
  return !verdict.startsWith('wrong: ');
}

function verdictOf(model: LayersModel | { error: unknown }, each: KerasLayerCase): Verdict {
  if ('error' in model) return refusal(model.error, each);
  const own =
    model.layers.some((layer) => layer.getClassName().startsWith('Keras')) || ownActivation(model);
  const wrong = tf.tidy(
    () =>
      wrongOutput(model, each) ??
      (own || each.layer === 'PReLU' ? wrongGradient(model, each) : undefined),
  );
  return wrong === undefined ? (own ? 'own' : 'tfjs') : `wrong: ${wrong}`;
}

/** Of the layer, or of a layer inside it. */
function ownActivation(model: LayersModel): boolean {
  const settings = JSON.stringify(model.layers.map((layer) => layer.getConfig()));
  return kerasActivations.some((name) => settings.includes(`ctivation":"${name}"`));
}

/** A rejection is one line that names the layer. */
function refusal(error: unknown, { layer }: KerasLayerCase): Verdict {
  if (!(error instanceof FixresModelsError) || error.code !== 'unsupported-model')
    return `wrong: ${String(error)}`;
  const named =
    layer === 'operations'
      ? /^Layer "[\w.]+" of \S+model\.json \([\w.]+\) is an unsupported operation; /
      : /^Layer "\w+" of \S+model\.json \(\w+\) /;
  return named.test(error.message) && !error.message.includes('\n')
    ? 'refused'
    : `wrong: ${error.message}`;
}

function wrongOutput(model: LayersModel, each: KerasLayerCase): string | undefined {
  const received = predictionOf(model, each);
  if (received.length !== each.outputs.length)
    return `${received.length} outputs, not ${each.outputs.length}`;
  for (const [i, { shape, values }] of each.outputs.entries()) {
    if (received[i]!.shape.join() !== shape.join())
      return `shape ${received[i]!.shape.join()}, not ${shape.join()}`;
    const error = differenceOf(received[i]!, values);
    if (!(error < 1e-5)) return `differs by ${error}`;
  }
  return undefined;
}

function wrongGradient(model: LayersModel, each: KerasLayerCase): string | undefined {
  if (each.gradients === undefined) return undefined;
  const inputs = layerInputs(each).map((x) => tf.variable(x));
  const variables = [...inputs, ...model.trainableWeights.map(variableOf)];
  const { grads } = tf.variableGrads(
    () => tf.sum(tf.mul(outputOf(model, inputs), lossFactors(each))),
    variables,
  );
  // The bias of an attention's keys shifts all scores alike, which softmax undoes: what is left is rounding.
  const negligible = 1e-6 * Math.max(...each.gradients.flat().map(Math.abs));
  const errors = variables.map((variable, i) =>
    differenceOf(grads[variable.name]!, each.gradients![i]!, negligible),
  );
  tf.dispose(inputs);
  return errors.every((error) => error < 1e-4) ? undefined : `gradients differ by ${errors.join()}`;
}

function outputOf(model: LayersModel, inputs: tf.Tensor[]): tf.Tensor {
  return model.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor;
}

/** Relative to the largest number; absolute if all are negligible. */
function differenceOf(received: tf.Tensor, expected: number[], negligible = 0): number {
  const values = received.dataSync();
  return expected.every((value) => Math.abs(value) <= negligible)
    ? Math.max(...values.map(Math.abs))
    : relativeError(values, expected);
}

function predictionOf(model: LayersModel, each: KerasLayerCase): tf.Tensor[] {
  // Of a prediction before.
  model.resetStates();
  const inputs = layerInputs(each);
  return [model.predict(inputs.length === 1 ? inputs[0]! : inputs)].flat();
}
