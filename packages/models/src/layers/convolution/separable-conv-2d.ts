import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

type SeparableConv2DArgs = Parameters<typeof layers.separableConv2d>[0];

/** tfjs's layer as it is at run time. tfjs does not export the class itself. */
interface StockSeparableConv2D extends layers.Layer {
  readonly depthMultiplier: number;
}

const StockSeparableConv2D: {
  new (args: SeparableConv2DArgs): StockSeparableConv2D;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // An explicit name does not increase the counter of automatic layer names.
  layers.separableConv2d({ filters: 1, kernelSize: 1, name: 'fixres_stock_separable_conv2d' })
    .constructor as never;

/**
 * SeparableConv2D that is saved with its `depthMultiplier`. tfjs's own layer omits it, and the
 * saved model cannot be loaded. Registered under the same class name, so every layers model loaded
 * after importing this module uses it.
 */
class SeparableConv2D extends StockSeparableConv2D {
  static className = 'SeparableConv2D';

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }
}

tf.serialization.registerClass(SeparableConv2D);
