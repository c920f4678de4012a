import type { KerasLayer } from './keras-layers.ts';
import type { KerasWeights, SavedLayer } from './keras-weights.ts';

/** Which layer of a file belongs to which layer of a model. */
export interface LayerMatch {
  matchedBy: 'name' | 'position';
  pairs: { layer: KerasLayer; saved: SavedLayer | undefined }[];
  /** Layers of the file that no layer of the model takes. */
  unexpected: SavedLayer[];
}

/**
 * Matches by name where every layer of the model has a namesake in the file. Else by position, as Keras does: by the paths in
 * `.weights.h5`, also of a model within the file's model, by order in the older files, and there only when both have as many layers. It is never mixed: names that Keras gives by
 * number (`conv2d_7`) can be the same by accident.
 *
 * @param layers those of the model that have weights
 */
export function matchLayers(layers: readonly KerasLayer[], weights: KerasWeights): LayerMatch {
  const byName = new Map(
    weights.layers.flatMap((saved) => (saved.name === undefined ? [] : [[saved.name, saved]])),
  );
  if (layers.every(({ name }) => byName.has(name)))
    return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
  if (weights.layout === 'keras3') {
    const byPath = new Map(weights.layers.map((saved) => [saved.path, saved]));
    const named = layers.filter(({ name }) => byName.has(name)).length;
    // tf_keras gives no names: the network can be a model within the file's, with the classifier beside it.
    const places = ['', ...innerModels(weights.layers)].map(
      (inside) =>
        ({ path }: KerasLayer) =>
          byPath.get(`${inside}${path}`) ?? byPath.get(path),
    );
    const found = places.map(
      (place) => layers.filter((layer) => place(layer) !== undefined).length,
    );
    const most = Math.max(...found);
    // Where nothing fits whole, what fits most shows best what is wrong.
    if (most < layers.length && named > most)
      return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
    return matchBy('position', layers, weights.layers, places[found.indexOf(most)]!);
  }
  if (layers.length !== weights.layers.length)
    return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
  return matchBy('position', layers, weights.layers, (_, i) => weights.layers[i]);
}

/** Paths of the models within the model of a file: `layers/functional/`. */
function innerModels(saved: readonly SavedLayer[]): Set<string> {
  return new Set(
    saved.flatMap(({ path }) =>
      [...path.matchAll(/(?<=^|\/)layers\/[^/]+\/(?=layers\/)/g)].map(({ 0: part, index }) =>
        path.slice(0, index + part.length),
      ),
    ),
  );
}

function matchBy(
  matchedBy: LayerMatch['matchedBy'],
  layers: readonly KerasLayer[],
  savedLayers: readonly SavedLayer[],
  find: (layer: KerasLayer, i: number) => SavedLayer | undefined,
): LayerMatch {
  const pairs = layers.map((layer, i) => ({ layer, saved: find(layer, i) }));
  const taken = new Set(pairs.map(({ saved }) => saved));
  return { matchedBy, pairs, unexpected: savedLayers.filter((saved) => !taken.has(saved)) };
}
