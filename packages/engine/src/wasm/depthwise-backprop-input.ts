import * as tf from '@tensorflow/tfjs-core';
import { type ConvAttributes, convGeometry } from './conv-geometry.ts';
import { fit, reverseRows, spread } from './pixels.ts';

/**
 * The gradient of a depthwise convolution with respect to its input. The wasm backend lacks this
 * kernel. It is a depthwise convolution of `dy` with the rotated filter; for a stride, zeros are
 * inserted between the pixels of `dy`.
 *
 * @param dy `[N, OH, OW, C * M]` float32.
 * @param filter `[KH, KW, C, M]` float32.
 * @param inputShape `[N, H, W, C]`.
 * @returns `[N, H, W, C]`; the caller disposes it. The inputs are unchanged.
 */
export function depthwiseBackpropInput(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: [number, number, number, number],
  attributes: ConvAttributes,
): tf.Tensor4D {
  const { strideHeight, strideWidth, padTop, padLeft } = convGeometry(
    inputShape,
    filter.shape,
    attributes,
    true,
  );
  const [filterHeight, filterWidth, channels, multiplier] = filter.shape;
  const [, height, width] = inputShape;
  const [batch, outHeight, outWidth] = dy.shape;

  return tf.tidy(() => {
    const taps = reverseRows(
      tf.reshape(filter, [filterHeight * filterWidth, channels * multiplier]),
    );
    const spreadShape = [batch, outHeight, outWidth, channels * multiplier] as const;
    const pixels =
      strideHeight === 1 && strideWidth === 1
        ? dy
        : spread(dy, spreadShape, strideHeight, strideWidth);
    const border = tf.pad(pixels, [
      [0, 0],
      [filterHeight - 1, filterHeight - 1],
      [filterWidth - 1, filterWidth - 1],
      [0, 0],
    ]);
    const all = tf.depthwiseConv2d(
      border,
      tf.reshape<tf.Rank.R4>(taps, [filterHeight, filterWidth, channels * multiplier, 1]),
      1,
      'valid',
    );
    const window = fit(all, padTop, padLeft, height, width);
    // Each input channel feeds `multiplier` adjacent output channels.
    return multiplier === 1
      ? window
      : tf.reshape(tf.sum(tf.reshape(window, [-1, multiplier]), 1), inputShape);
  });
}
