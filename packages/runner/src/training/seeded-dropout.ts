import { createRandom } from '@fixres/data';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** The dropout layer of tfjs at run time. */
interface DropoutLayer {
  readonly rate: number;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor;
  readonly noiseShape?: readonly (number | null)[] | null;
}

interface NativeKernels {
  readonly binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_INT32: number };
  executeSingleOutput(
    name: string,
    attributes: { name: string; type: number; value: number }[],
    inputs: tf.Tensor[],
  ): tf.Tensor;
}

/** Layers that draw random numbers in training that cannot be seeded here. */
const otherNoise: ReadonlySet<string> = new Set([
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
]);

/**
 * Seeds the dropouts of a model while `run` runs, eagerly or recorded into a graph. tfjs draws from
 * `Math.random`, so that no run could be repeated, or uses the same mask at every step; and a graph
 * would always keep one mask. The masks follow from the seed and the layer's place in the model
 * alone; on the native engine they are the same eagerly and in a graph.
 *
 * @param seed int32 [1], from {@link stepSeed}: another one for every step
 */
export function withSeededDropout<T>(model: LayersModel, seed: tf.Tensor, run: () => T): T {
  const dropouts = dropoutsOf(model);
  dropouts.forEach((layer, place) => {
    layer.call = (inputs, { training = false }) => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      return training ? tf.tidy(() => drop(x, layer, seed, place)) : x.clone();
    };
  });
  try {
    return run();
  } finally {
    for (const layer of dropouts) Reflect.deleteProperty(layer, 'call');
  }
}

/** The seed of a step, from the seed of the run and the number of steps so far. */
export function stepSeed(seed: number, steps: number): number {
  return createRandom(seed, 'dropout', steps).int(2 ** 31);
}

/** Whether a model has active dropout in training. */
export function hasDropout(model: LayersModel): boolean {
  return dropoutsOf(model).length > 0;
}

/** Names of layers whose noise cannot be seeded, with their classes. */
export function unseededLayers(model: LayersModel): string[] {
  return leavesOf(model).flatMap((layer) =>
    otherNoise.has(layer.getClassName()) ? [`"${layer.name}" (${layer.getClassName()})`] : [],
  );
}

function dropoutsOf(model: LayersModel): DropoutLayer[] {
  return leavesOf(model).flatMap((layer) => {
    if (layer.getClassName() !== 'Dropout' || Object.hasOwn(layer, 'call')) return [];
    const dropout = layer as unknown as DropoutLayer;
    // At a rate of 1, the layer of tfjs changes nothing.
    return dropout.rate > 0 && dropout.rate < 1 ? [dropout] : [];
  });
}

function leavesOf(model: LayersModel): LayersModel['layers'] {
  return model.layers.flatMap((layer) =>
    'layers' in layer ? leavesOf(layer as LayersModel) : [layer],
  );
}

/** Inverted dropout, like tfjs: the remaining values are scaled up by 1 / (1 - rate). */
function drop(
  x: tf.Tensor,
  { rate, noiseShape }: DropoutLayer,
  seed: tf.Tensor,
  place: number,
): tf.Tensor {
  const shape = x.shape.map((size, axis) => noiseShape?.[axis] ?? size);
  const keep = 1 - rate;
  return tf.mul(x, tf.div(tf.floor(tf.add(uniform(shape, seed, place), keep)), keep));
}

/** Numbers in [0, 1). */
function uniform(shape: number[], seed: tf.Tensor, place: number): tf.Tensor {
  if (tf.getBackend() !== 'tensorflow') {
    const random = createRandom(seed.dataSync()[0]!, 'mask', place);
    return tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => Math.fround(random.next())),
      shape,
    );
  }
  const backend = tf.backend() as unknown as NativeKernels;
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
  const types = { dtype: TF_FLOAT, Tseed: TF_INT32, T: TF_INT32 };
  const attributes = Object.entries(types).map(([name, value]) => ({
    name,
    type: TF_ATTR_TYPE,
    value,
  }));
  return backend.executeSingleOutput('StatelessRandomUniform', attributes, [
    tf.tensor1d(shape, 'int32'),
    tf.concat([seed, tf.tensor1d([place], 'int32')]),
  ]);
}
