import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createModel } from '../create-model.ts';
import { BatchNormalization } from '../layers/batch-normalization.ts';
import type { ModelCard } from '../model-folder/model-card.ts';
import { loadModelFolder } from './load-model-folder.ts';
import { saveModelFolder } from './save-model-folder.ts';

/** Of scripts/make-keras-topology-fixture.py. */
interface KerasModel {
  topology: object;
  weights: { name: string; shape: number[]; values: number[] }[];
  images: number[];
  probabilities: number[];
}

beforeAll(() => tf.setBackend('cpu'));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-model-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function smallModel(): LayersModel {
  return createModel('resnet14v2', { classes: 3, width: 4, rescaling: { scale: 1 / 127.5, offset: -1 } });
}

async function savedModel(card: Omit<ModelCard, 'version'> = {}): Promise<string> {
  const folder = join(await temporaryFolder(), 'model');
  await saveModelFolder(smallModel(), folder, card);
  return folder;
}

describe('a model folder', () => {
  it('holds the model with the same outputs, and its card', async () => {
    const folder = join(await temporaryFolder(), 'models/small');
    const card = {
      architecture: { name: 'resnet14v2', options: { classes: 3, width: 4 } },
      classNames: ['daisy', 'rose', 'tulip'],
      contract: { input: { width: 32, height: 32 }, layout: 'NHWC' },
    };
    const model = smallModel();
    await saveModelFolder(model, folder, card);
    expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
    expect(await readdir(join(folder, '..'))).toEqual(['small']);

    const loaded = await loadModelFolder(folder);
    expect(loaded.card).toEqual({ version: 1, ...card });
    const image = tf.randomUniform([1, 32, 32, 3], 0, 255, 'float32', 1);
    const outputs = [model, loaded.model].map((each) => (each.predict(image) as tf.Tensor).dataSync());
    expect(outputs[1]).toEqual(outputs[0]);
    expect((await loadModelFolder(join(folder, 'model.json'))).card).toEqual(loaded.card);
  });

  it('may come from someone else: no card, batch normalisation of tfjs becomes frozen-aware', async () => {
    const folder = join(await temporaryFolder(), 'theirs');
    const theirs = sequential({ layers: [layers.batchNormalization({ inputShape: [4, 4, 3] }), layers.flatten(), layers.dense({ units: 2 })] });
    const partial = tf.io.withSaveHandler(async ({ weightData, weightSpecs, modelTopology }) => {
      const bytes = Buffer.from(tf.io.CompositeArrayBuffer.join(weightData));
      await mkdir(folder);
      await writeFile(join(folder, 'a.bin'), bytes.subarray(0, 10));
      await writeFile(join(folder, 'b.bin'), bytes.subarray(10));
      await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights: weightSpecs }] }));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    });
    await theirs.save(partial);
    const { model, card } = await loadModelFolder(folder);
    expect(card).toEqual({ version: 1 });
    expect(model.layers[0]).toBeInstanceOf(BatchNormalization);
    expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(theirs.getWeights().map((weight) => weight.dataSync()));
  });

  it('may hold a model as Keras 3 describes it', async () => {
    const url = new URL('../../test/fixtures/keras3-model.json', import.meta.url);
    const { topology, weights, images, probabilities } = JSON.parse(await readFile(url, 'utf8')) as KerasModel;
    const folder = await temporaryFolder();
    const specs = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
    await writeFile(join(folder, 'weights.bin'), Buffer.from(Float32Array.from(weights.flatMap(({ values }) => values)).buffer));
    await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology: topology, weightsManifest: [{ paths: ['weights.bin'], weights: specs }] }));
    const { model } = await loadModelFolder(folder);
    const ours = (model.predict(tf.tensor4d(images, [2, 8, 8, 3])) as tf.Tensor).dataSync();
    for (const [i, probability] of probabilities.entries()) expect(ours[i]).toBeCloseTo(probability, 5);
  });

  it('is never half there: a model that cannot be saved leaves nothing', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'precious.txt'), 'x');
    await expect(saveModelFolder(smallModel(), folder)).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    expect(await readdir(folder)).toEqual(['precious.txt']);
    expect((await readdir(join(folder, '..'))).filter((name) => name.includes('.partial'))).toEqual([]);

    await expect(saveModelFolder(smallModel(), join(folder, 'bad'), { classNames: ['a', 'a'] })).rejects.toMatchObject({ code: 'bad-model-card' });
    expect(await readdir(folder)).toEqual(['precious.txt']);
  });

  it.each<[string, (folder: string) => Promise<void>, string]>([
    ['no model.json', (folder) => rm(join(folder, 'model.json')), 'model.json cannot be read'],
    ['no weights', (folder) => rm(join(folder, 'weights.bin')), 'weights.bin cannot be read'],
    ['weights cut off', (folder) => truncate(join(folder, 'weights.bin'), 1000), 'its weights have 1000 bytes, model.json describes'],
    ['no JSON', (folder) => writeFile(join(folder, 'model.json'), '{"modelTopology":'), 'model.json is no JSON'],
    ['a graph model', (folder) => writeFile(join(folder, 'model.json'), '{"modelTopology":{"node":[]},"weightsManifest":[]}'), 'it is a graph model'],
    ['something else', (folder) => writeFile(join(folder, 'model.json'), 'null'), 'no modelTopology'],
    ['a malformed manifest', (folder) => edit(folder, (json) => (json.weightsManifest[0]!.weights = [{ name: 'a' }])), 'weightsManifest of model.json is malformed'],
    ['weights outside', (folder) => edit(folder, (json) => (json.weightsManifest[0]!.paths = ['../weights.bin'])), 'they must lie beside model.json'],
    ['another topology', (folder) => edit(folder, (json) => (json.modelTopology = { class_name: 'Model', config: {} })), 'TensorFlow.js says'],
  ])('with %s is refused', async (_what, damage, why) => {
    const folder = await savedModel();
    await damage(folder);
    const before = tf.memory().numTensors;
    await expect(loadModelFolder(folder)).rejects.toMatchObject({ code: 'bad-model-folder', message: expect.stringContaining(why) as string });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [{ version: 2 }, 'version is 2'],
    [{ version: 1, classNames: [1] }, 'classNames is [1]'],
    [{ version: 1, architecture: { name: '' } }, 'architecture.name is ""'],
    [{ version: 1, contrat: {} }, 'contrat is {}'],
    ['x', 'model card is "x"'],
  ])('with the card %j is refused', async (card, why) => {
    const folder = await savedModel();
    await edit(folder, (json) => (json.userDefinedMetadata = { fixres: card }));
    await expect(loadModelFolder(folder)).rejects.toMatchObject({ code: 'bad-model-card', message: expect.stringContaining(why) as string });
  });
});

interface EditableJson {
  modelTopology: object;
  weightsManifest: { paths: string[]; weights: unknown[] }[];
  userDefinedMetadata: unknown;
}

async function edit(folder: string, change: (json: EditableJson) => void): Promise<void> {
  const file = join(folder, 'model.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as EditableJson;
  change(json);
  await writeFile(file, JSON.stringify(json));
}
