import { arraysAt, type LayerPlace } from '../weights/arrays-at.ts';
import type { KerasWeights, SavedArray } from '../weights/keras-weights.ts';
import type { HeadKind } from './classifier-kind.ts';

/**
 * Weights whose classifier is that of `createModel`: a layer Dense with a bias and at least two
 * outputs. One sigmoid output of z becomes the two logits 0 and z, whose softmax is the same
 * probabilities, 1 / (1 + exp(z)) and 1 / (1 + exp(-z)).
 *
 * @param place of the classifier's arrays
 */
export function twoClassHead(
  weights: KerasWeights,
  head: HeadKind,
  place: LayerPlace,
): KerasWeights {
  const [kernel, bias] = arraysAt(weights, place);
  if (kernel?.shape.length !== 2) return weights;
  const [inputs, outputs] = kernel.shape as [number, number];
  let arrays = [
    kernel,
    bias ?? { name: 'bias', shape: [outputs], values: new Float32Array(outputs) },
  ];
  if (head === 'sigmoid' && outputs === 1)
    arrays = arrays.map((array) => behindZeros(array, array === kernel ? inputs : 1));
  return {
    ...weights,
    layers: weights.layers.map((layer) =>
      layer.arrays[0] === kernel ? { ...layer, arrays } : layer,
    ),
  };
}

function behindZeros({ name, shape, values }: SavedArray, rows: number): SavedArray {
  const pairs = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) pairs[2 * row + 1] = values[row]!;
  return { name, shape: [...shape.slice(0, -1), 2], values: pairs };
}
