import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';
import { resized } from './resized.ts';

/** Arguments of {@link KerasResizing}. */
interface KerasResizingArgs extends Record<string, unknown> {
  height: number;
  width: number;
  interpolation: 'bilinear' | 'nearest';
  /** First crop the largest centred part with the target aspect ratio, instead of distorting. */
  cropToAspectRatio: boolean;
}

/**
 * Keras's Resizing, for images `[batch, height, width, channels]`. tfjs's own layer uses another
 * pixel grid than Keras, and interprets `cropToAspectRatio` as the choice between two grids.
 */
class KerasResizing extends layers.Layer {
  static className = 'KerasResizing';
  private readonly args: Pick<
    KerasResizingArgs,
    'height' | 'width' | 'interpolation' | 'cropToAspectRatio'
  >;

  constructor({ height, width, interpolation, cropToAspectRatio, ...args }: KerasResizingArgs) {
    super(args);
    this.args = { height, width, interpolation, cropToAspectRatio };
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor(inputs) as tf.Tensor4D;
    const { height, width, interpolation, cropToAspectRatio } = this.args;
    return tf.tidy(() =>
      resized(tf.cast(x, 'float32'), [height, width], interpolation, cropToAspectRatio),
    );
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return [inputShape[0]!, this.args.height, this.args.width, inputShape[3]!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.args };
  }
}

tf.serialization.registerClass(KerasResizing);
