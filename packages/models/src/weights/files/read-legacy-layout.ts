import { isJsonObject, type JsonValue } from '../../card/json-value.ts';
import type { SavedArray, SavedLayer } from '../keras-weights.ts';
import { attentionParts } from './attention-parts.ts';
import type { Hdf5Reader } from './hdf5-file.ts';

/**
 * Reads the layout of `.h5` files: those of `keras.applications` and older `save_weights`, with the
 * layers at the top, and those of whole models, with the layers in `model_weights`. They store the
 * arrays of a nested model in one group; these are assigned to its layers by their names
 * (`<layer>/<weight>`; of an attention `<layer>/query/<weight>`).
 *
 * @returns undefined if the file has another layout
 */
export function readLegacyLayout(file: Hdf5Reader): SavedLayer[] | undefined {
  const root = file.names('/').includes('model_weights') ? '/model_weights' : '/';
  const layerNames = file.texts(root, 'layer_names');
  if (!layerNames) return undefined;
  return layerNames.flatMap((layerName) => {
    const path = `${root === '/' ? '' : root}/${layerName}`;
    const owners = new Map<string, SavedArray[]>();
    const weightNames = file.texts(path, 'weight_names') ?? [];
    const places = weightNames.map((weightName) => weightName.replace(/:\d+$/, '').split('/'));
    const attentions = attentionsOf(places);
    for (const [i, weightName] of weightNames.entries()) {
      // A count of Normalization, which is not a weight.
      if (file.isCount(`${path}/${weightName}`)) continue;
      const place = places[i]!;
      const isInside = attentions.has(place.slice(0, -2).join('/'));
      const parts = isInside ? [...place.slice(0, -2), place.slice(-2).join('_')] : place;
      const [name = '', owner = layerName] = parts.toReversed();
      const array = { name, ...file.floats(`${path}/${weightName}`) };
      const arrays = owners.get(owner);
      if (arrays) arrays.push(array);
      else owners.set(owner, [array]);
    }
    // A single owner is the layer itself, even if an old session used another name.
    if (owners.size === 1) return [{ name: layerName, path, arrays: [...owners.values()][0]! }];
    return Array.from(owners, ([name, arrays]) => ({ name, path: `${path}/${name}`, arrays }));
  });
}

/** What precedes the weights of the four layers inside each attention. */
function attentionsOf(places: readonly (readonly string[])[]): ReadonlySet<string> {
  const kernels = new Set(places.map((place) => place.join('/')));
  const prefixes = places.map((place) => place.slice(0, -2).join('/'));
  return new Set(
    prefixes.filter(
      (prefix) =>
        prefix !== '' &&
        attentionParts.every(([, part]) => kernels.has(`${prefix}/${part}/kernel`)),
    ),
  );
}

/** The model's configuration in a whole-model file. */
export function readLegacyConfig(
  file: Hdf5Reader,
): Readonly<Record<string, JsonValue>> | undefined {
  const [text] = file.texts('/', 'model_config') ?? [];
  if (text === undefined) return undefined;
  const config: unknown = JSON.parse(text);
  return isJsonObject(config) ? config : undefined;
}
