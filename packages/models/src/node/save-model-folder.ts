import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CARD_KEY, type ModelCard, parseModelCard } from '../model-folder/model-card.ts';

/**
 * Saves a model as `model.json` and `weights.bin`, in tfjs layers format: `tf.loadLayersModel` reads it, and so does
 * {@link loadModelFolder}, with the card. Works on every engine (the `file://` handler comes with the native one only).
 * The folder appears whole or not at all.
 *
 * @param folder must not exist, or be empty
 * @throws FixresModelsError `bad-model-card`; the file system's error
 */
export async function saveModelFolder(model: LayersModel, folder: string, card: Omit<ModelCard, 'version'> = {}): Promise<void> {
  const checkedCard = parseModelCard({ version: 1, ...card });
  const partial = `${folder}.${process.pid}.partial`;
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(partial);
  try {
    const handler = tf.io.withSaveHandler(async ({ weightData, weightSpecs, userDefinedMetadata, ...rest }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(join(partial, 'weights.bin'), Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
      const json = { ...rest, weightsManifest, userDefinedMetadata: { ...userDefinedMetadata, [CARD_KEY]: checkedCard } };
      await writeFile(join(partial, 'model.json'), JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
    });
    await model.save(handler);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
