import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { resample, type Resampling } from '../image/resample.ts';
import { onlyTensor } from '../only-tensor.ts';

type DepthwiseConv2DArgs = Parameters<typeof layers.depthwiseConv2d>[0];

/** tfjs's layer as it is at run time. tfjs does not export the class itself. */
interface StockDepthwiseConv2D extends layers.Layer {
  readonly depthwiseKernel: LayerVariable;
  readonly bias: LayerVariable | null;
  readonly kernelSize: [number, number];
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid';
  readonly dilationRate: [number, number];
  readonly activation: { apply(x: tf.Tensor): tf.Tensor };
}

const StockDepthwiseConv2D: {
  new (args: DepthwiseConv2DArgs): StockDepthwiseConv2D;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // An explicit name does not increase the counter of automatic layer names.
  layers.depthwiseConv2d({ kernelSize: 1, name: 'fixres_stock_depthwise_conv2d' })
    .constructor as never;

/**
 * DepthwiseConv2D with dilation, for maps `[batch, height, width, channels]`. tfjs's own layer
 * ignores `dilationRate`.
 */
class KerasDepthwiseConv2D extends StockDepthwiseConv2D {
  static className = 'KerasDepthwiseConv2D';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      // tfjs has no gradient for a dilated convolution, but it has one for a kernel with zeros
      // between its elements.
      const kernel = this.depthwiseKernel.read();
      const [height, width, channels, multiplier] = kernel.shape as [
        number,
        number,
        number,
        number,
      ];
      const spread = resample(
        tf.reshape(kernel, [1, height, width, channels * multiplier]),
        this.spread(0),
        this.spread(1),
      );
      const dilated = tf.reshape<tf.Rank.R4>(spread, [
        spread.shape[1],
        spread.shape[2],
        channels,
        multiplier,
      ]);
      const y = tf.depthwiseConv2d(
        onlyTensor(inputs) as tf.Tensor4D,
        dilated,
        this.strides,
        this.padding,
      );
      return this.activation.apply(this.bias === null ? y : tf.add(y, this.bias.read()));
    });
  }

  override computeOutputShape(inputShape: (number | null)[]): number[] {
    const shape = super.computeOutputShape(inputShape) as number[];
    const sides = [0, 1].map((side) => {
      const length = inputShape[1 + side];
      if (typeof length !== 'number') return null;
      const covered = this.padding === 'same' ? 1 : this.spread(side).length;
      return Math.ceil((length - covered + 1) / this.strides[side]!);
    });
    return [shape[0], ...sides, shape[3]] as number[];
  }

  /** One side of the kernel, with zeros in between. */
  private spread(side: number): Resampling {
    const rate = this.dilationRate[side]!;
    return Array.from({ length: (this.kernelSize[side]! - 1) * rate + 1 }, (_, i) =>
      i % rate === 0 ? [[i / rate, 1]] : [],
    );
  }
}

tf.serialization.registerClass(KerasDepthwiseConv2D);
