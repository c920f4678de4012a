import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../errors.ts';
// Registers the frozen-aware layer under Keras's name, so that every model that is loaded has it.
import '../layers/batch-normalization.ts';
import { legacyTopology } from '../model-folder/legacy-topology.ts';
import { CARD_KEY, type ModelCard, parseModelCard } from '../model-folder/model-card.ts';

/** A model and what its folder tells about it. */
export interface LoadedModel {
  /** The caller disposes it. */
  model: LayersModel;
  card: ModelCard;
}

/** What a `model.json` holds, as far as it is read here. */
interface ModelJson {
  modelTopology: object;
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
  userDefinedMetadata?: Record<string, unknown>;
}

/**
 * Loads a folder with `model.json` and its weights: one that `saveModelFolder` wrote, or any layers model that tfjs or its converter
 * saved, those of Keras 3 included. Batch normalisation in it respects freezing. Models without card get an empty one.
 *
 * @param folder the folder, or its `model.json`
 * @throws FixresModelsError `bad-model-folder` for files that are missing, damaged, cut off, outside of the folder, or no layers
 * model; `bad-model-card`
 */
export async function loadModelFolder(folder: string): Promise<LoadedModel> {
  const path = basename(folder) === 'model.json' ? join(folder, '..') : folder;
  const refuse = (why: string, cause?: unknown): FixresModelsError =>
    new FixresModelsError('bad-model-folder', `Model folder "${folder}" cannot be used: ${why}`, { cause });
  const read = async (name: string): Promise<Buffer> =>
    readFile(join(path, name)).catch((cause: unknown) => {
      throw refuse(`${name} cannot be read (${(cause as Error).message}).`, cause);
    });

  const json = parseModelJson((await read('model.json')).toString('utf8'), refuse);
  const card = parseModelCard(json.userDefinedMetadata?.[CARD_KEY]);
  const names = json.weightsManifest.flatMap(({ paths }) => paths);
  const outside = names.find((name) => basename(name) !== name);
  if (outside !== undefined) throw refuse(`it names the weights ${JSON.stringify(outside)}; they must lie beside model.json.`);
  const bytes = Buffer.concat(await Promise.all(names.map(read)));
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  const expected = weightSpecs.reduce((sum, spec) => sum + byteLength(spec), 0);
  if (bytes.length !== expected) throw refuse(`its weights have ${bytes.length} bytes, model.json describes ${expected}.`);

  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  try {
    const modelTopology = legacyTopology(json.modelTopology) as object;
    return { model: await loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData })), card };
  } catch (cause) {
    throw refuse(`TensorFlow.js says: ${(cause as Error).message}`, cause);
  }
}

function parseModelJson(text: string, refuse: (why: string, cause?: unknown) => FixresModelsError): ModelJson {
  let json: Partial<ModelJson> | null;
  try {
    json = JSON.parse(text) as Partial<ModelJson> | null;
  } catch (cause) {
    throw refuse(`model.json is no JSON (${(cause as Error).message}).`, cause);
  }
  if (typeof json?.modelTopology !== 'object' || !Array.isArray(json.weightsManifest)) {
    throw refuse('model.json has no modelTopology or no weightsManifest; give a layers model.');
  }
  if ('node' in json.modelTopology) throw refuse('it is a graph model, which cannot be trained; give a layers model.');
  const wellFormed = json.weightsManifest.every(
    (group) =>
      Array.isArray(group.paths) &&
      group.paths.every((name) => typeof name === 'string') &&
      Array.isArray(group.weights) &&
      group.weights.every(({ name, shape, dtype }) => typeof name === 'string' && typeof dtype === 'string' && Array.isArray(shape) && shape.every(isSize)),
  );
  if (!wellFormed) throw refuse('the weightsManifest of model.json is malformed.');
  return json as ModelJson;
}

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2, complex64: 8 };

function byteLength({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return shape.reduce((size, length) => size * length, 1) * (BYTES[quantization?.dtype ?? dtype] ?? Number.NaN);
}
