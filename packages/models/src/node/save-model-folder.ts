import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ModelCard, parseModelCard } from '../card/model-card.ts';
import { FixresModelsError } from '../errors.ts';

/**
 * Saves a model as `model.json` and `weights.bin`, which `loadLayersModel` of every tfjs package
 * can read. Works on every engine (the `file://` handler exists only in the native one). The folder
 * appears whole or not at all.
 *
 * @param createParents whether to create missing parent folders
 * @param card metadata of the model; loading returns it
 * @throws FixresModelsError `folder-exists`, `bad-model-card`
 */
export async function saveModelFolder(
  model: LayersModel,
  folder: string,
  card: ModelCard,
  { createParents = true }: { createParents?: boolean } = {},
): Promise<void> {
  const fixres = parseModelCard(JSON.parse(JSON.stringify(card)), folder);
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new FixresModelsError(
      'folder-exists',
      `Model folder "${folder}" already exists. Choose another, or remove it.`,
    );
  // Appending to a path with a trailing slash would create a name inside the folder.
  const target = resolve(folder);
  const partial = `${target}.${process.pid}.partial`;
  if (createParents) await mkdir(dirname(target), { recursive: true });
  await mkdir(partial);
  try {
    const handler = tf.io.withSaveHandler(async (artifacts) => {
      const { weightData, weightSpecs, modelTopology, userDefinedMetadata, ...rest } = artifacts;
      const json = {
        modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
        ...rest,
        userDefinedMetadata: { ...userDefinedMetadata, fixres },
      };
      await writeFile(
        join(partial, 'weights.bin'),
        Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)),
      );
      await writeFile(join(partial, 'model.json'), JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
    });
    await model.save(handler);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
