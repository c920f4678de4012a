import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** Part of a saved model that describes its architecture. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A model with a changed architecture and the same weights. The caller disposes both models.
 *
 * @param change returns the changed topology; weights are found by the names of their layers
 * @throws Error of tfjs if the topology is invalid or the weights do not fit
 */
export async function rebuildModel(
  model: tfl.LayersModel,
  change: (topology: Json) => Json,
): Promise<tfl.LayersModel> {
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
  const changed = change(modelTopology as Json);
  return tfl.loadLayersModel(
    tf.io.fromMemory({ modelTopology: changed as object, weightSpecs, weightData }),
  );
}
