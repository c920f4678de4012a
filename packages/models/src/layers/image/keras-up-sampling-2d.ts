import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';
import { resample, resizeSide } from './resample.ts';

/**
 * Keras's UpSampling2D with bilinear interpolation, for maps `[batch, height, width, channels]`.
 * tfjs's own layer uses another pixel grid than Keras, so its result is shifted.
 */
class KerasUpSampling2D extends layers.Layer {
  static className = 'KerasUpSampling2D';
  private readonly size: [number, number];

  /** @param args.size factors of height and width */
  constructor({ size, ...args }: { size: [number, number] } & Record<string, unknown>) {
    super(args);
    this.size = size;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor(inputs) as tf.Tensor4D;
    const [, height, width] = x.shape;
    return resample(
      x,
      resizeSide(height, height * this.size[0], 'bilinear'),
      resizeSide(width, width * this.size[1], 'bilinear'),
    );
  }

  override computeOutputShape(inputShape: (number | null)[]): number[] {
    const [batch, height, width, channels] = inputShape;
    const [tall, wide] = [height, width].map((side, i) =>
      typeof side === 'number' ? side * this.size[i]! : null,
    );
    return [batch, tall, wide, channels] as number[];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size };
  }
}

tf.serialization.registerClass(KerasUpSampling2D);
