import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { isJsonObject } from '../card/json-value.ts';
import type { ModelCard } from '../card/model-card.ts';
import { registerReluGrad } from '../kernels/relu-grad.ts';
// Registers the layers: loaded models get normalisation that respects freezing, ReLU6 as one
// kernel, and Keras's layers if tfjs's differ.
import '../layers/batch-normalization.ts';
import '../layers/keras-layers.ts';
import '../layers/activation/relu.ts';
// Registers the initializer that models of this package name in their configuration.
import '../initializers/seeded-glorot-uniform.ts';
import { checkModelGraph } from '../topology/check-model-graph.ts';
import { readableTopology } from '../topology/readable-topology.ts';
import { skipInitialWeights } from '../topology/skip-initial-weights.ts';
import { tfjsWeightNames } from '../topology/tfjs-weight-names.ts';
import { cardOf, damaged, readModelJson } from './model-json.ts';
import { parseWeightGroups, type WeightGroup, weightBytes } from '../topology/weights-manifest.ts';

/** A model and what is known about it. */
export interface LoadedModel {
  /** The caller disposes it. */
  model: LayersModel;
  /** Empty except for its version if another program wrote the folder. */
  card: ModelCard;
}

/**
 * Loads a model folder in tfjs layers format: `model.json` and its weight files beside it. Batch
 * normalisation respects freezing. Topologies of Keras 2 and 3 are supported too, and every layer
 * computes the same as in Keras (docs/keras-layers.md).
 *
 * @throws FixresModelsError `not-found`, `unsupported-model` for an unsupported layer or setting,
 * `damaged-model` for files that are truncated, contradict each other or point outside the folder,
 * `bad-model-card`, `unknown-card-version`
 */
export async function loadModelFolder(folder: string): Promise<LoadedModel> {
  const json = await readModelJson(folder);
  const where = join(folder, 'model.json');
  const card = cardOf(json, where);
  const metadata = json.userDefinedMetadata;
  const groups = parseWeightGroups(json.weightsManifest, where);
  if (!isJsonObject(json.modelTopology)) throw damaged(`${where} has no modelTopology`);
  const topology = readableTopology(json.modelTopology, where);
  checkModelGraph(topology, where);
  const weightData = await readWeights(folder, groups);

  registerReluGrad();
  skipInitialWeights();
  const artifacts = {
    modelTopology: topology,
    weightSpecs: tfjsWeightNames(
      topology,
      groups.flatMap(({ weights }) => weights),
    ),
    weightData,
    ...(isJsonObject(metadata) ? { userDefinedMetadata: metadata } : {}),
  };
  try {
    return { model: await loadLayersModel(tf.io.fromMemory(artifacts)), card };
  } catch (cause) {
    throw damaged(
      `${where} is not a valid model: ${(cause as Error).message.split('\n', 1)[0]!}`,
      cause,
    );
  }
}

/** The concatenated bytes of all groups. Sizes are checked before anything is read. */
async function readWeights(folder: string, groups: readonly WeightGroup[]): Promise<ArrayBuffer> {
  const files: string[] = [];
  let total = 0;
  for (const { paths, weights } of groups) {
    const sizes = await Promise.all(paths.map((path) => fileSize(join(folder, path))));
    const actual = sizes.reduce((sum, size) => sum + size, 0);
    const expected = weights.reduce((sum, spec) => sum + weightBytes(spec), 0);
    if (actual !== expected) {
      throw damaged(
        `${join(folder, paths.join(', '))} has ${actual} bytes; the weights that model.json lists have ${expected}`,
      );
    }
    files.push(...paths);
    total += expected;
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const path of files) offset += await readInto(join(folder, path), bytes.subarray(offset));
  return bytes.buffer;
}

/** One call may not read more than 2^31 - 1 bytes. */
const MOST_READ_BYTES = 2 ** 30;

/**
 * Reads a file to the start of an array: `readFile` would need the memory of the weights twice.
 *
 * @returns the number of bytes
 */
async function readInto(path: string, bytes: Uint8Array): Promise<number> {
  const file = await open(path);
  try {
    let done = 0;
    for (;;) {
      const { bytesRead } = await file.read(
        bytes,
        done,
        Math.min(bytes.length - done, MOST_READ_BYTES),
      );
      if (bytesRead === 0) return done;
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function fileSize(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    (cause: unknown) => {
      throw damaged(`${file} is missing`, cause);
    },
  );
}
