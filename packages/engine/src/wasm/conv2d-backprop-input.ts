import * as tf from '@tensorflow/tfjs-core';
import type { ConvAttributes } from './conv-geometry.ts';
import { convGeometry } from './conv-geometry.ts';
import { fit, reverseRows, spread } from './pixels.ts';

/**
 * The gradient of a convolution with respect to its input. The wasm backend implements this kernel
 * with plain loops, 5 to 10 times slower than its convolution; it would dominate a training step.
 *
 * With stride 1, it is a convolution of `dy` with the rotated filter. With stride `s`, the rows of
 * the result fall into `s` phases, each fed by every s-th tap (sub-pixel convolution): one
 * convolution computes all `s * s` phases as channels, and depth-to-space interleaves them.
 *
 * @param dy `[N, OH, OW, O]` float32.
 * @param filter `[KH, KW, C, O]` float32.
 * @param inputShape `[N, H, W, C]`.
 * @returns `[N, H, W, C]`; the caller disposes it. Null if strides differ by axis: the backend's
 * own kernel handles those.
 */
export function conv2dBackpropInput(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: [number, number, number, number],
  attributes: ConvAttributes,
): tf.Tensor4D | null {
  const { strideHeight, strideWidth, padTop, padLeft } = convGeometry(
    inputShape,
    filter.shape,
    attributes,
  );
  if (strideHeight !== strideWidth) return null;
  const stride = strideHeight;
  const [filterHeight, filterWidth, inChannels, outChannels] = filter.shape;
  const [batch, height, width] = inputShape;
  const [, outHeight, outWidth] = dy.shape;

  return tf.tidy(() => {
    if (filterHeight === 1 && filterWidth === 1 && padTop === 0 && padLeft === 0) {
      const turned = tf.transpose(tf.reshape(filter, [inChannels, outChannels]));
      const product = tf.matMul(
        tf.reshape(dy, [batch * outHeight * outWidth, outChannels]),
        turned,
      );
      const pixels = spread(product, [batch, outHeight, outWidth, inChannels], stride, stride);
      return fit(pixels, 0, 0, height, width);
    }
    const tapsHeight = Math.ceil(filterHeight / stride);
    const tapsWidth = Math.ceil(filterWidth / stride);
    const phases = stride * stride;
    const padded = tf.pad(filter, [
      [0, tapsHeight * stride - filterHeight],
      [0, tapsWidth * stride - filterWidth],
      [0, 0],
      [0, 0],
    ]);
    // Axes: tap row, phase row, tap column, phase column, in, out -> taps, out, phases, in.
    const grouped = tf.transpose(
      tf.reshape(padded, [tapsHeight, stride, tapsWidth, stride, inChannels, outChannels]),
      [0, 2, 5, 1, 3, 4],
    );
    const taps = tf.reshape<tf.Rank.R2>(grouped, [
      tapsHeight * tapsWidth,
      outChannels * phases * inChannels,
    ]);
    // Rotating both axes is the same as reversing the flat list of taps.
    const turned = reverseRows(taps);
    const subPixels = tf.conv2d(
      dy,
      tf.reshape<tf.Rank.R4>(turned, [tapsHeight, tapsWidth, outChannels, phases * inChannels]),
      1,
      [
        [0, 0],
        [tapsHeight - 1, tapsHeight - 1],
        [tapsWidth - 1, tapsWidth - 1],
        [0, 0],
      ],
    );
    const full = stride === 1 ? subPixels : tf.depthToSpace(subPixels, stride);
    return fit(full, padTop, padLeft, height, width);
  });
}
