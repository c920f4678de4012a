import type { KerasWeights, SavedArray } from './keras-weights.ts';

/** Where to find the arrays of a layer in a file. */
export interface LayerPlace {
  /** Name of the layer, which older files use. */
  name: string;
  /** Path in `.weights.h5` and inside `.keras`, for example `layers/functional/layers/conv2d_1`. */
  path: string;
}

/** The arrays of a layer in a file; empty if it has none. */
export function arraysAt(
  { layout, layers }: KerasWeights,
  { name, path }: LayerPlace,
): readonly SavedArray[] {
  const saved = layers.find((each) =>
    layout === 'keras3' ? each.path === path : each.name === name,
  );
  return saved?.arrays ?? [];
}
