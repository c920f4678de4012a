import * as tf from '@tensorflow/tfjs-core';
import { InputSpec, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

type Conv2DArgs = Parameters<typeof layers.conv2d>[0];

/** tfjs's layer as it is at run time. tfjs does not export the class itself. */
interface StockConv2D extends layers.Layer {
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | null;
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid';
  readonly dilationRate: [number, number];
  readonly activation: { apply(x: tf.Tensor): tf.Tensor };
}

const StockConv2D: {
  new (args: Conv2DArgs): StockConv2D;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // An explicit name does not increase the counter of automatic layer names.
  layers.conv2d({ filters: 1, kernelSize: 1, name: 'fixres_stock_conv2d' }).constructor as never;

/**
 * Conv2D in groups of channels, for maps `[batch, height, width, channels]`: the first of `groups`
 * parts of the filters uses the first part of the channels, and so on. tfjs's own layer ignores
 * `groups`.
 */
class KerasConv2D extends StockConv2D {
  static className = 'KerasConv2D';
  private readonly groups: number;

  constructor({ groups, ...args }: Conv2DArgs & { groups: number }) {
    super(args);
    this.groups = groups;
  }

  override build(inputShape: number[]): void {
    const channels = inputShape[3]!;
    super.build([...inputShape.slice(0, 3), channels / this.groups]);
    this.inputSpec = [new InputSpec({ ndim: 4, axes: { 3: channels } })];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const parts = tf.split(onlyTensor(inputs), this.groups, 3);
      const kernels = tf.split(this.kernel.read(), this.groups, 3);
      const outputs = parts.map((part, i) =>
        tf.conv2d(
          part as tf.Tensor4D,
          kernels[i] as tf.Tensor4D,
          this.strides,
          this.padding,
          'NHWC',
          this.dilationRate,
        ),
      );
      const y = tf.concat(outputs, 3);
      return this.activation.apply(this.bias === null ? y : tf.add(y, this.bias.read()));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups };
  }
}

tf.serialization.registerClass(KerasConv2D);
