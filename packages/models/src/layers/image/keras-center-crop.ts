import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';
import { cropSide, resample } from './resample.ts';
import { resized } from './resized.ts';

/**
 * Keras's CenterCrop, for images `[batch, height, width, channels]`: crops the centre. If an image
 * is smaller on a side, it is resized instead; a crop keeps its aspect ratio. tfjs's own layer is
 * off by a column for odd differences.
 */
class KerasCenterCrop extends layers.Layer {
  static className = 'KerasCenterCrop';
  private readonly height: number;
  private readonly width: number;

  constructor({
    height,
    width,
    ...args
  }: { height: number; width: number } & Record<string, unknown>) {
    super(args);
    this.height = height;
    this.width = width;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.cast(onlyTensor(inputs) as tf.Tensor4D, 'float32');
      const [top, left] = [x.shape[1] - this.height, x.shape[2] - this.width];
      if (top < 0 || left < 0) return resized(x, [this.height, this.width], 'bilinear', true);
      return resample(
        x,
        cropSide(Math.floor(top / 2), this.height),
        cropSide(Math.floor(left / 2), this.width),
      );
    });
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return [inputShape[0]!, this.height, this.width, inputShape[3]!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), height: this.height, width: this.width };
  }
}

tf.serialization.registerClass(KerasCenterCrop);
