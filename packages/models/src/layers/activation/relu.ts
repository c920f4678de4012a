import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** Arguments of {@link ReLU}: those of tfjs's own layer. */
export type ReLUArgs = NonNullable<Parameters<typeof layers.reLU>[0]>;

/** tfjs's layer as it is at run time. The class itself is not exported there. */
interface StockReLU extends layers.Layer {
  readonly maxValue?: number;
}

const StockReLU: { new (args?: ReLUArgs): StockReLU; fromConfig: typeof layers.Layer.fromConfig } =
  // The name keeps the counter of automatic layer names untouched.
  layers.reLU({ name: 'fixres_stock_relu' }).constructor as never;

/**
 * The layer ReLU that computes ReLU6 in one kernel, whose gradient is one kernel as well, where tfjs's own clips the output of ReLU.
 * Registered under the same class name, so every layers model loaded after this module is imported uses it.
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
