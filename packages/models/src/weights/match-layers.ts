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
 * `.weights.h5`, by order in the older files, and there only when both have as many layers. It is never mixed: names that Keras gives by
 * number (`conv2d_7`) can be the same by accident.
 *
 * @param layers those of the model that have weights
 */
export function matchLayers(layers: readonly KerasLayer[], weights: KerasWeights): LayerMatch {
  const byName = new Map(weights.layers.flatMap((saved) => (saved.name === undefined ? [] : [[saved.name, saved]])));
  if (layers.every(({ name }) => byName.has(name))) return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
  if (weights.layout === 'keras3') {
    const byPath = new Map(weights.layers.map((saved) => [saved.path, saved]));
    return matchBy('position', layers, weights.layers, ({ path }) => byPath.get(path));
  }
  if (layers.length !== weights.layers.length) return matchBy('name', layers, weights.layers, ({ name }) => byName.get(name));
  return matchBy('position', layers, weights.layers, (_, i) => weights.layers[i]);
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
