import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

type PReLUArgs = NonNullable<Parameters<typeof layers.prelu>[0]>;

/** tfjs's layer as it is at run time. tfjs does not export the class itself. */
interface StockPReLU extends layers.Layer {
  readonly alpha: LayerVariable;
}

const StockPReLU: {
  new (args?: PReLUArgs): StockPReLU;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // An explicit name does not increase the counter of automatic layer names.
  layers.prelu({ name: 'fixres_stock_prelu' }).constructor as never;

/**
 * PReLU for every engine: that of tfjs 4.22 fails on the native engine, and on wasm it computes
 * wrong numbers if axes share their slopes. Registered under the same class name, so every layers
 * model loaded after importing this module uses it.
 */
class PReLU extends StockPReLU {
  static className = 'PReLU';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      return tf.sub(tf.relu(x), tf.mul(this.alpha.read(), tf.relu(tf.neg(x))));
    });
  }
}

tf.serialization.registerClass(PReLU);
