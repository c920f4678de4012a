import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parsePreprocessingContract, type PreprocessingContract } from '@fixres/data';
import '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { ExitError, exitCodes } from '../exit-error.ts';

/** What a model folder says of itself. */
export interface ModelCard {
  architecture?: string;
  classNames?: string[];
  contract?: PreprocessingContract;
}

export interface SavedModel {
  model: LayersModel;
  card: ModelCard;
}

/**
 * Loads `model.json` and its weights. `@fixres/models` is imported for its layers. The caller disposes the model.
 *
 * @throws ExitError when the folder holds no model that can be read
 */
export async function readModel(folder: string): Promise<SavedModel> {
  try {
    const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
    const parts = weightsManifest.flatMap(({ paths }) => paths);
    // A manifest from elsewhere must not reach out of its folder.
    const outside = parts.find((path) => basename(path) !== path);
    if (outside !== undefined) throw new Error(`weight file "${outside}" lies outside the folder`);
    const weightData = Buffer.concat(await Promise.all(parts.map((path) => readFile(join(folder, path)))));
    const artifacts: tf.io.ModelArtifacts = {
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.byteLength),
    };
    return { model: await loadLayersModel(tf.io.fromMemory(artifacts)), card: cardOf(userDefinedMetadata) };
  } catch (cause) {
    throw new ExitError(exitCodes.usage, `error: Model "${folder}" cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function cardOf(metadata: unknown): ModelCard {
  const card = (metadata as { fixres?: Record<string, unknown> } | undefined)?.fixres ?? {};
  const { architecture, classNames, contract } = card;
  return {
    ...(typeof architecture === 'string' && { architecture }),
    ...(Array.isArray(classNames) && { classNames: classNames.map(String) }),
    ...(contract !== undefined && { contract: parsePreprocessingContract(contract) }),
  };
}
