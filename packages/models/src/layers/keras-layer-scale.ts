import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { onlyTensor } from './only-tensor.ts';

/** Arguments of {@link KerasLayerScale}, as in `keras.applications.convnext`. */
interface KerasLayerScaleArgs extends Record<string, unknown> {
  /** Initial value of every factor. */
  initValues: number;
  /** Number of channels. */
  projectionDim: number;
}

/**
 * LayerScale of ConvNeXt, which tfjs does not have: `x * gamma`, with one trained factor per
 * channel.
 */
class KerasLayerScale extends layers.Layer {
  static className = 'KerasLayerScale';
  private readonly args: Pick<KerasLayerScaleArgs, 'initValues' | 'projectionDim'>;
  private gamma?: LayerVariable;

  constructor({ initValues, projectionDim, ...args }: KerasLayerScaleArgs) {
    super(args);
    this.args = { initValues, projectionDim };
  }

  override build(inputShape: number[]): void {
    const { initValues: value, projectionDim: channels } = this.args;
    this.gamma = this.addWeight(
      'gamma',
      [channels],
      'float32',
      initializers.constant({ value }),
      undefined,
      true,
    );
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(onlyTensor(inputs), this.gamma!.read()));
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.args };
  }
}

tf.serialization.registerClass(KerasLayerScale);

/** Creates a {@link KerasLayerScale} layer, for models built in code. */
export function layerScale(args: KerasLayerScaleArgs): layers.Layer {
  return new KerasLayerScale(args);
}
