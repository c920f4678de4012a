import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type KerasLayer, kerasLayers, weightName } from '../keras-layers.ts';
import { attentionParts } from './attention-parts.ts';
import { writeHdf5 } from './hdf5-file.ts';

/**
 * Writes the weights of a model as a Keras 3 `.weights.h5` file, which `keras.Model.load_weights`
 * reads into the same model: every float32 to the bit. Optimizer state is not written.
 *
 * @returns the bytes of the file
 */
export function writeKerasWeights(model: LayersModel): Promise<Uint8Array<ArrayBuffer>> {
  return writeLayerWeights(model.name, kerasLayers(model));
}

/** Writes the weights of layers as a `.weights.h5` file of a model with the given name. */
export async function writeLayerWeights(
  modelName: string,
  entries: readonly KerasLayer[],
): Promise<Uint8Array<ArrayBuffer>> {
  const layers = await Promise.all(
    entries.flatMap(partsOf).map(async ({ name, path, variables }) => {
      const arrays = variables.map(async (variable) => ({
        shape: variable.shape as number[],
        data: await variable.read().data<'float32'>(),
      }));
      return { name, path, arrays: await Promise.all(arrays) };
    }),
  );
  return writeHdf5((file) => {
    file.create_group('vars').create_attribute('name', modelName);
    const made = new Set<string>();
    for (const { name, path, arrays } of layers) {
      // A group can only be created in an existing group.
      const parts = path.split('/');
      for (let i = 1; i <= parts.length; i++) {
        const group = parts.slice(0, i).join('/');
        if (made.has(group)) continue;
        file.create_group(group);
        made.add(group);
      }
      const vars = file.create_group(`${path}/vars`);
      vars.create_attribute('name', name);
      for (const [i, { shape, data }] of arrays.entries())
        vars.create_dataset({ name: String(i), data, shape, dtype: '<f4' });
    }
  });
}

/** The layers inside an attention, which have its weights in Keras; any other layer itself. */
function partsOf(layer: KerasLayer): KerasLayer[] {
  const parts = attentionParts.map(([part, prefix]): KerasLayer => ({
    name: prefix,
    path: `${layer.path}/${part}`,
    variables: layer.variables.filter((variable) => weightName(variable).startsWith(`${prefix}_`)),
  }));
  if (parts.some(({ variables }) => variables.length === 0)) return [layer];
  return [{ ...layer, variables: [] }, ...parts];
}
