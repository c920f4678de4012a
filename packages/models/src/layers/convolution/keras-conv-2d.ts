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
      const x = onlyTensor(inputs) as tf.Tensor4D;
      const isDepthwise =
        x.shape[3] === this.groups && this.dilationRate.every((rate) => rate === 1);
      const y = isDepthwise ? this.depthwise(x) : this.grouped(x);
      return this.activation.apply(this.bias === null ? y : tf.add(y, this.bias.read()));
    });
  }

  /** With one channel in each group, as in ConvNeXt, one kernel computes all groups. */
  private depthwise(x: tf.Tensor4D): tf.Tensor4D {
    const kernel = this.kernel.read();
    const [height, width, , filters] = kernel.shape as [number, number, number, number];
    const reshaped = tf.reshape<tf.Rank.R4>(kernel, [
      height,
      width,
      this.groups,
      filters / this.groups,
    ]);
    return tf.depthwiseConv2d(x, reshaped, this.strides, this.padding);
  }

  private grouped(x: tf.Tensor4D): tf.Tensor4D {
    const parts = tf.split<tf.Tensor4D>(x, this.groups, 3);
    const kernels = tf.split(this.kernel.read(), this.groups, 3);
    const outputs = parts.map((part, i) =>
      tf.conv2d(
        part,
        kernels[i] as tf.Tensor4D,
        this.strides,
        this.padding,
        'NHWC',
        this.dilationRate,
      ),
    );
    return tf.concat(outputs, 3);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups };
  }
}

tf.serialization.registerClass(KerasConv2D);

/** Creates a {@link KerasConv2D} layer, for models built in code. */
export function groupedConv2d(args: Conv2DArgs & { groups: number }): layers.Layer {
  return new KerasConv2D(args);
}
