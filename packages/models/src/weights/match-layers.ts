import type { KerasLayer } from './keras-layers.ts';
import type { KerasWeights, SavedLayer } from './keras-weights.ts';

/** Maps layers of a model to layers of a file. */
export interface LayerMatch {
  matchedBy: 'name' | 'position';
  pairs: { layer: KerasLayer; saved: SavedLayer | undefined }[];
  /** Layers of the file that match no layer of the model. */
  unexpected: SavedLayer[];
}

/**
 * Matches by name if every layer of the model has a namesake in the file; otherwise by position, as
 * in Keras. In `.weights.h5` the position is the path, also within a nested model of the file. In
 * older files it is the order, and both must have equally many layers. Names and positions are
 * never mixed, because names that Keras numbers (`conv2d_7`) can coincide by accident.
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
    // tf_keras stores no names, and the network can be nested in the file's model, with the
    // classifier beside it.
    const places = ['', ...innerModels(weights.layers)].map(
      (inside) =>
        ({ path }: KerasLayer) =>
          byPath.get(`${inside}${path}`) ?? byPath.get(path),
    );
    const found = places.map(
      (place) => layers.filter((layer) => place(layer) !== undefined).length,
    );
    const most = Math.max(...found);
    // If nothing fits completely, the best match shows best what is wrong.
    if (most < layers.length && named > most)
      return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
    return matchBy('position', layers, weights.layers, places[found.indexOf(most)]!);
  }
  if (layers.length !== weights.layers.length)
    return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
  return matchBy('position', layers, weights.layers, (_, i) => weights.layers[i]);
}

/** Paths of the nested models in a file: `layers/functional/`. */
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
