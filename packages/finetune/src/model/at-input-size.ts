import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';

/** The part of a saved model that describes its architecture. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The same model with the same weights for square images of another size. Models are often saved
 * with the size that they were trained at, although convolutions and global pooling accept any
 * size.
 *
 * @param model images [b, side, side, channels]; a model for any size is returned unchanged.
 * Otherwise the caller disposes both.
 * @throws FixresFinetuneError `fixed-size` if the weights fit only one size
 */
export async function atInputSize(model: tfl.LayersModel, size: number): Promise<tfl.LayersModel> {
  const [, height, width] = model.inputs[0]?.shape ?? [];
  if ((height === null || height === size) && (width === null || width === size)) return model;
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const },
      });
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved!;
  const resized = withSize(modelTopology as Json, { from: [height ?? null, width ?? null], size });
  try {
    return await tfl.loadLayersModel(
      tf.io.fromMemory({ modelTopology: resized as object, weightSpecs, weightData }),
    );
  } catch (cause) {
    const message = `Model ${JSON.stringify(model.name)} is for images of ${width}x${height} only: at ${size}x${size} its weights do not fit (${(cause as Error).message})`;
    throw new FixresFinetuneError('fixed-size', message, { cause });
  }
}

/** Replaces the size in every input shape that has it, including those of nested models. */
function withSize(value: Json, change: { from: Json[]; size: number }): Json {
  if (Array.isArray(value)) return value.map((item) => withSize(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isInput =
        (key === 'batch_input_shape' || key === 'batchInputShape') &&
        Array.isArray(item) &&
        item.length === 4;
      if (!isInput) return [key, withSize(item, change)];
      const [batch, height, width, channels] = item as [Json, Json, Json, Json];
      const has = height === change.from[0] && width === change.from[1];
      return [key, has ? [batch, change.size, change.size, channels] : item];
    }),
  );
}
