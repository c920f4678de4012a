import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onEngine, temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, model as functional, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { createModel } from '../architectures/create-model.ts';
import type { ModelCard } from '../card/model-card.ts';
import { loadModelFolder } from './load-model-folder.ts';
import { saveModelFolder } from './save-model-folder.ts';

const options = { classes: 3, width: 4, rescaling: { scale: 1 / 127.5, offset: -1 } };
const card: ModelCard = {
  version: 1,
  architecture: { name: 'resnet14v2', options },
  classNames: ['a', 'b', 'c'],
  contract: { version: 1, input: { width: 32, height: 32 } },
};

/** Written by scripts/make-keras-topology-fixture.py. */
interface KerasModel {
  topology: object;
  weights: { name: string; shape: number[]; values: number[] }[];
  images: number[];
  probabilities: number[];
}

/** A small model that is disposed after the test. */
function smallModel(): LayersModel {
  const model = createModel('resnet14v2', options);
  onTestFinished(() => void model.dispose());
  return model;
}

async function savedModel(): Promise<{ folder: string; model: LayersModel }> {
  await setEngine('cpu');
  const folder = join(await temporaryFolder(), 'model');
  const model = smallModel();
  await saveModelFolder(model, folder, card);
  return { folder, model };
}

interface EditableJson {
  weightsManifest: { paths: string[]; weights: { name: string }[] }[];
  userDefinedMetadata?: { fixres: { version: number } };
}

/** Edits model.json of a folder. */
async function editJson(folder: string, edit: (json: EditableJson) => void): Promise<void> {
  const file = join(folder, 'model.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as EditableJson;
  edit(json);
  await writeFile(file, JSON.stringify(json));
}

describe('a model folder', () => {
  it('gives weights no values before those of the file', async () => {
    const { folder, model } = await savedModel();
    const write = vi.spyOn(tf.backend(), 'write');
    onTestFinished(() => {
      write.mockRestore();
    });
    const before = tf.memory().numTensors;
    const { model: loaded } = await loadModelFolder(folder);
    const numbers = write.mock.calls.reduce((sum, [values]) => sum + values.length, 0);
    // One for each weight in addition.
    expect(numbers).toBe(model.countParams() + model.weights.length);
    expect(tf.memory().numTensors - before).toBe(model.weights.length);
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  for (const engine of engines)
    it(`restores weights to the bit, outputs and card on ${engine}`, onEngine(engine), async () => {
      await setEngine(engine);
      const folder = join(await temporaryFolder(), 'deep/model');
      const model = smallModel();
      await saveModelFolder(model, folder, card);
      expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
      expect(await readdir(join(folder, '..'))).toEqual(['model']);

      const before = tf.memory().numTensors;
      const loaded = await loadModelFolder(folder);
      expect(loaded.card).toEqual(card);
      expect(loaded.model.getWeights().map((weight) => weight.dataSync())).toEqual(
        model.getWeights().map((weight) => weight.dataSync()),
      );
      const image = tf.randomUniform([1, 32, 32, 3], 0, 255, 'float32', 1);
      const outputs = [model, loaded.model].map((each) =>
        tf.tidy(() => (each.predict(image) as tf.Tensor).dataSync()),
      );
      expect(outputs[1]).toEqual(outputs[0]);
      tf.dispose(image);
      loaded.model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

  it('accepts a path with a trailing slash', async () => {
    await setEngine('cpu');
    const above = await temporaryFolder();
    await saveModelFolder(smallModel(), `${join(above, 'model')}/`, card);
    expect(await readdir(above)).toEqual(['model']);
  });

  it('loads models of other programs with normalisation that respects freezing, and an empty card', async () => {
    await setEngine('cpu');
    const folder = join(await temporaryFolder(), 'model');
    const stock = sequential({ layers: [layers.batchNormalization({ inputShape: [4, 4, 3] })] });
    await saveModelFolder(stock, folder, { version: 1 });
    await editJson(folder, (json) => delete json.userDefinedMetadata);
    const { model, card: empty } = await loadModelFolder(folder);
    expect(empty).toEqual({ version: 1 });
    expect(model.layers[0]).toMatchObject({ frozenAware: true });
    tf.dispose([stock.getWeights(), model.getWeights()]);
  });

  it('can contain a nested model', async () => {
    await setEngine('cpu');
    const folder = join(await temporaryFolder(), 'model');
    const input = layers.input({ shape: [4] });
    const trunk = functional({
      inputs: input,
      outputs: layers.dense({ units: 3 }).apply(input) as typeof input,
    });
    const outside = layers.input({ shape: [4] });
    const twice = layers
      .add()
      .apply([
        trunk.apply(outside),
        trunk.apply(layers.reLU().apply(outside)),
      ] as (typeof input)[]) as typeof input;
    const model = functional({ inputs: outside, outputs: twice });
    await saveModelFolder(model, folder, { version: 1 });
    const x = tf.randomNormal([2, 4], 0, 1, 'float32', 1);
    const { model: loaded } = await loadModelFolder(folder);
    expect((loaded.predict(x) as tf.Tensor).dataSync()).toEqual(
      (model.predict(x) as tf.Tensor).dataSync(),
    );
  });

  it('can contain a model described by Keras 3, with another model inside', async () => {
    await setEngine('cpu');
    const url = new URL('../../test/fixtures/keras3-model.json', import.meta.url);
    const { topology, weights, images, probabilities } = JSON.parse(
      await readFile(url, 'utf8'),
    ) as KerasModel;
    const folder = await temporaryFolder();
    const specs = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
    await writeFile(
      join(folder, 'weights.bin'),
      Buffer.from(Float32Array.from(weights.flatMap(({ values }) => values)).buffer),
    );
    await writeFile(
      join(folder, 'model.json'),
      JSON.stringify({
        modelTopology: topology,
        weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
      }),
    );
    const { model } = await loadModelFolder(folder);
    const ours = (model.predict(tf.tensor4d(images, [2, 8, 8, 3])) as tf.Tensor).dataSync();
    for (const [i, probability] of probabilities.entries())
      expect(ours[i]).toBeCloseTo(probability, 5);
  });

  it('never replaces an existing folder', async () => {
    const { folder, model } = await savedModel();
    await expect(saveModelFolder(model, folder, card)).rejects.toMatchObject({
      code: 'folder-exists',
    });
  });

  it('does not appear if writing fails', async () => {
    const { folder, model } = await savedModel();
    const failing = {
      save: () => Promise.reject(new Error('disk full')),
    } as unknown as LayersModel;
    await expect(saveModelFolder(failing, `${folder}-2`, card)).rejects.toThrow('disk full');
    expect(await readdir(join(folder, '..'))).toEqual(['model']);
    expect(model.layers.length).toBeGreaterThan(10);
  });

  it('reports what is damaged', async () => {
    const { folder } = await savedModel();
    await expect(loadModelFolder(join(folder, 'nothing'))).rejects.toMatchObject({
      code: 'not-found',
    });
    const weights = join(folder, 'weights.bin');
    const bytes = await readFile(weights);
    await writeFile(weights, bytes.subarray(0, -4));
    await expect(loadModelFolder(folder)).rejects.toMatchObject({
      code: 'damaged-model',
      message: expect.stringContaining(
        `${bytes.length - 4} bytes; the weights that model.json lists have ${bytes.length}`,
      ) as string,
    });
    await writeFile(weights, bytes);

    const json = await readFile(join(folder, 'model.json'));
    await writeFile(join(folder, 'model.json'), json.subarray(0, 1000));
    await expect(loadModelFolder(folder)).rejects.toMatchObject({ code: 'damaged-model' });
    await writeFile(join(folder, 'model.json'), json);
    await editJson(folder, (json) => (json.weightsManifest[0]!.paths = ['../secret']));
    await expect(loadModelFolder(folder)).rejects.toMatchObject({
      code: 'damaged-model',
      message: expect.stringContaining('"../secret"') as string,
    });
  });

  it('reads weights that are divided among files, also within a number', async () => {
    const { folder, model } = await savedModel();
    const bytes = await readFile(join(folder, 'weights.bin'));
    const paths = [0, 1, 2].map((i) => `part${i}.bin`);
    const ends = [0, 1001, 1001, bytes.length];
    for (const [i, path] of paths.entries())
      await writeFile(join(folder, path), bytes.subarray(ends[i], ends[i + 1]));
    await editJson(folder, (json) => (json.weightsManifest[0]!.paths = paths));
    const { model: loaded } = await loadModelFolder(folder);
    onTestFinished(() => void loaded.dispose());
    const valuesOf = (each: LayersModel): unknown =>
      each.getWeights().map((weight) => weight.dataSync());
    expect(valuesOf(loaded)).toEqual(valuesOf(model));
  });

  it('leaves no tensor behind if weights are missing', async () => {
    const { folder } = await savedModel();
    const before = tf.memory().numTensors;
    await editJson(folder, ({ weightsManifest: [group] }) => {
      group!.weights[0]!.name = 'other';
    });
    await expect(loadModelFolder(folder)).rejects.toMatchObject({
      code: 'damaged-model',
      message: expect.stringContaining('is not a valid model') as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('rejects cards of later releases', async () => {
    const { folder } = await savedModel();
    await editJson(folder, (json) => (json.userDefinedMetadata!.fixres.version = 2));
    await expect(loadModelFolder(folder)).rejects.toMatchObject({
      code: 'unknown-card-version',
      message: expect.stringContaining('version 2') as string,
    });
  });
});
