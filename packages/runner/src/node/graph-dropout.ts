import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** tfjs's dropout layer as it is at run time. */
interface DropoutLayer {
  readonly rate: number;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor;
  readonly noiseShape?: readonly (number | null)[] | null;
}

interface NativeKernels {
  readonly binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_INT32: number };
  executeSingleOutput(name: string, attributes: { name: string; type: number; value: number }[], inputs: tf.Tensor[]): tf.Tensor;
}

/**
 * Lets the dropouts of a model draw in the graph while `run` is recorded: tfjs draws in JavaScript, and a graph would keep that one
 * mask for good. The masks follow from the seed and the layer's place in the model alone.
 *
 * @param seed int32 [1], another one for every step
 */
export function withGraphDropout<T>(model: LayersModel, seed: tf.Tensor, run: () => T): T {
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

/** Whether a model draws when it trains. */
export function hasDropout(model: LayersModel): boolean {
  return dropoutsOf(model).length > 0;
}

function dropoutsOf(model: LayersModel): DropoutLayer[] {
  return model.layers.flatMap((layer) => {
    if ('layers' in layer) return dropoutsOf(layer as LayersModel);
    const isDropout = layer.getClassName() === 'Dropout' && !Object.hasOwn(layer, 'call');
    return isDropout && (layer as unknown as DropoutLayer).rate > 0 ? [layer as unknown as DropoutLayer] : [];
  });
}

/** Inverted dropout, as tfjs's: what stays is scaled up by 1 / (1 - rate). */
function drop(x: tf.Tensor, layer: DropoutLayer, seed: tf.Tensor, place: number): tf.Tensor {
  const backend = tf.backend() as unknown as NativeKernels;
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
  const types = { dtype: TF_FLOAT, Tseed: TF_INT32, T: TF_INT32 };
  const attributes = Object.entries(types).map(([name, value]) => ({ name, type: TF_ATTR_TYPE, value }));
  const shape = tf.tensor1d(x.shape.map((size, axis) => layer.noiseShape?.[axis] ?? size), 'int32');
  const uniform = backend.executeSingleOutput('StatelessRandomUniform', attributes, [shape, tf.concat([seed, tf.tensor1d([place], 'int32')])]);
  const keep = 1 - layer.rate;
  return tf.mul(x, tf.div(tf.floor(tf.add(uniform, keep)), keep));
}
