import type { KerasWeights, SavedArray } from './keras-weights.ts';

/** Where a file has the arrays of a layer. */
export interface LayerPlace {
  /** Of the layer: older files know no more. */
  name: string;
  /** In `.weights.h5` and the inside of `.keras`, for example `layers/functional/layers/conv2d_1`. */
  path: string;
}

/** The arrays that a file holds for a layer; none where it has none. */
export function arraysAt(
  { layout, layers }: KerasWeights,
  { name, path }: LayerPlace,
): readonly SavedArray[] {
  const saved = layers.find((each) =>
    layout === 'keras3' ? each.path === path : each.name === name,
  );
  return saved?.arrays ?? [];
}
