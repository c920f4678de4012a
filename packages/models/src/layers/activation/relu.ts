import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** Arguments of {@link ReLU}: those of tfjs's own layer. */
export type ReLUArgs = NonNullable<Parameters<typeof layers.reLU>[0]>;

/** tfjs's layer as it is at run time. tfjs does not export the class itself. */
interface StockReLU extends layers.Layer {
  readonly maxValue?: number;
}

const StockReLU: { new (args?: ReLUArgs): StockReLU; fromConfig: typeof layers.Layer.fromConfig } =
  // An explicit name does not increase the counter of automatic layer names.
  layers.reLU({ name: 'fixres_stock_relu' }).constructor as never;

/**
 * A ReLU layer that computes ReLU6 in one kernel, with a gradient of one kernel; tfjs's own clips
 * the output of ReLU. Registered under the same class name, so every layers model loaded after
 * importing this module uses it.
 */
export class ReLU extends StockReLU {
  static className = 'ReLU';

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: Record<string, unknown>,
  ): tf.Tensor | tf.Tensor[] {
    if (this.maxValue !== 6) return super.call(inputs, kwargs);
    return tf.relu6(Array.isArray(inputs) ? inputs[0]! : inputs);
  }
}

tf.serialization.registerClass(ReLU);
