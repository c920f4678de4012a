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
import { parseWeightGroups } from '../topology/weights-manifest.ts';
import { checkWeightFiles, readWeights } from './read-weights.ts';
import type { FixresModelsError } from '../errors.ts';

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
  await checkWeightFiles(folder, groups);

  registerReluGrad();
  const artifacts = {
    modelTopology: skipInitialWeights(topology),
    ...(isJsonObject(metadata) ? { userDefinedMetadata: metadata } : {}),
  };
  const specs = tfjsWeightNames(
    topology,
    groups.flatMap(({ weights }) => weights),
  );
  const invalid = (cause: unknown): FixresModelsError =>
    damaged(`${where} is not a valid model: ${(cause as Error).message.split('\n', 1)[0]!}`, cause);
  const model = await loadLayersModel(tf.io.fromMemory(artifacts)).catch((cause: unknown) => {
    throw invalid(cause);
  });
  const read: tf.Tensor[] = [];
  try {
    await readWeights(folder, groups, (weight) => read.push(weight));
    setWeights(model, specs, read, invalid);
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    tf.dispose(read);
  }
  return { model, card };
}

/** Sets all weights of a model. @param invalid the error for weights that do not fit */
function setWeights(
  model: LayersModel,
  specs: readonly tf.io.WeightsManifestEntry[],
  values: readonly tf.Tensor[],
  invalid: (cause: unknown) => FixresModelsError,
): void {
  const ofModel = specs.flatMap(({ name, group }, i) =>
    group === 'optimizer' ? [] : [[name, values[i]!] as const],
  );
  try {
    model.loadWeights(Object.fromEntries(ofModel));
  } catch (cause) {
    throw invalid(cause);
  }
}
