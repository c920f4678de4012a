import { writeSavedModel } from '@fixres/engine/graph';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

export interface ExportSavedModelOptions {
  /** Size of the square images in pixels. Default: the model's own, if it has one. */
  size?: number;
}

/**
 * Writes a model as a TensorFlow SavedModel, on the native engine. Its signature `serving_default`
 * takes `images`, float32, the model's input (levels 0..255 for models that rescale) for any batch
 * size, and returns `output`, the model's output.
 *
 * @param model one input and one output
 * @param folder appears completely or not at all; it must not exist
 * @throws FixresEngineError `not-compilable`, `engine-unavailable`
 */
export async function exportSavedModel(
  model: LayersModel,
  folder: string,
  { size }: ExportSavedModelOptions = {},
): Promise<void> {
  const [, ...own] = model.inputs[0]!.shape;
  const shape = own.map((side, i) => (i < 2 ? (size ?? side) : side)) as number[];
  await writeSavedModel(folder, { images: { shape, dtype: 'float32' } }, ({ images }) => ({
    output: model.apply(images!, { training: false }) as tf.Tensor,
  }));
}
