import type { LayersModel } from '@tensorflow/tfjs-layers';
import { writeLayerWeights } from '../weights/files/write-keras-weights.ts';
import { kerasModelConfig, type KerasPreparation } from './keras-model-config.ts';

/** The version of Keras whose configurations are written. */
const KERAS_VERSION = '3.15.1';

/**
 * Writes a model as a `.keras` archive, which `keras.saving.load_model` of Keras 3 opens without
 * code of ours: configuration and weights, every float32 to the bit. It is not compiled.
 *
 * @param model with one input, and each layer called once; only read, it stays the caller's
 * @param preparation layers to put after the input
 * @returns the bytes of the archive
 * @throws FixresModelsError `unsupported-model` naming the first layer that Keras 3 does not have
 */
export async function writeKerasArchive(
  model: LayersModel,
  preparation: KerasPreparation = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { config, layers } = kerasModelConfig(model, preparation);
  const { configure, TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } =
    await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });
  // Stored, and with the time that Keras writes.
  const zip = new ZipWriter(new Uint8ArrayWriter(), {
    level: 0,
    lastModDate: new Date(1980, 0, 1),
    extendedTimestamp: false,
  });
  const metadata = { keras_version: KERAS_VERSION };
  await zip.add('metadata.json', new TextReader(JSON.stringify(metadata)));
  await zip.add('config.json', new TextReader(JSON.stringify(config)));
  await zip.add(
    'model.weights.h5',
    new Uint8ArrayReader(await writeLayerWeights(model.name, layers)),
  );
  return zip.close();
}
