import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * Saves a model as `model.json` and `weights.bin`, which `tf.loadLayersModel` reads. Works on every engine (the `file://` handler
 * comes with the native one only). The folder appears whole or not at all.
 */
export async function saveModel(model: LayersModel, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`;
  await mkdir(partial, { recursive: true });
  try {
    const handler = tf.io.withSaveHandler(async (artifacts) => {
      const { weightData, weightSpecs, modelTopology, ...rest } = artifacts;
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(join(partial, 'weights.bin'), Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
      await writeFile(join(partial, 'model.json'), JSON.stringify({ modelTopology, weightsManifest, ...rest }));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
    });
    await model.save(handler);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
