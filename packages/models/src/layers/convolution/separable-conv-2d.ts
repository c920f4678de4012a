import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

type SeparableConv2DArgs = Parameters<typeof layers.separableConv2d>[0];

/** tfjs's layer as it is at run time. The class itself is not exported there. */
interface StockSeparableConv2D extends layers.Layer {
  readonly depthMultiplier: number;
}

const StockSeparableConv2D: {
  new (args: SeparableConv2DArgs): StockSeparableConv2D;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // The name keeps the counter of automatic layer names untouched.
  layers.separableConv2d({ filters: 1, kernelSize: 1, name: 'fixres_stock_separable_conv2d' })
    .constructor as never;

/**
 * SeparableConv2D that is saved with its `depthMultiplier`: tfjs's own leaves it out, and what it saved cannot be loaded. Registered under the
 * same class name, so every layers model loaded after this module is imported uses it.
 */
class SeparableConv2D extends StockSeparableConv2D {
  static className = 'SeparableConv2D';

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }
}

tf.serialization.registerClass(SeparableConv2D);
