import * as tf from '@tensorflow/tfjs-core';
import type { ConvAttributes } from './conv-geometry.ts';
import { convGeometry } from './conv-geometry.ts';

/**
 * The gradient of a convolution with respect to its filter. The wasm backend lacks this kernel
 * (tfjs issue 8474).
 *
 * For a 1x1 filter, it is a matrix product. For any other filter, it is *one* convolution: with the
 * channels of `x` as the batch and the batch as the channels, `dW[i, j, c, o] = sum_{n, u, v} x[n,
 * u s + i, v s + j, c] dy[n, u, v, o]` is `x` convolved with `dy` as the filter, dilated by the
 * stride `s`. XNNPACK's convolution is as fast there as in the forward pass; the textbook way (one
 * slice and one product per tap) is limited by the backend's slow strided slice.
 *
 * @param x `[N, H, W, C]` float32.
 * @param dy `[N, OH, OW, O]` float32.
 * @param filterShape `[KH, KW, C, O]`.
 * @returns `[KH, KW, C, O]`; the caller disposes it. The inputs are unchanged.
 */
export function conv2dBackpropFilter(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: [number, number, number, number],
  attributes: ConvAttributes,
): tf.Tensor4D {
  const { strideHeight, strideWidth, padTop, padLeft } = convGeometry(
    x.shape,
    filterShape,
    attributes,
  );
  const [filterHeight, filterWidth, inChannels, outChannels] = filterShape;
  const [batch, height, width] = x.shape;
  const [, outHeight, outWidth] = dy.shape;

  return tf.tidy(() => {
    if (filterHeight === 1 && filterWidth === 1 && padTop === 0 && padLeft === 0) {
      const seen = everyNth(x, strideHeight, strideWidth, outHeight, outWidth);
      // A transposed operand would put the wasm matMul on a slow path, so transpose is a separate
      // step.
      const columns = tf.transpose(tf.reshape(seen, [batch * outHeight * outWidth, inChannels]));
      const rows = tf.reshape(dy, [batch * outHeight * outWidth, outChannels]);
      return tf.reshape(tf.matMul(columns, rows), filterShape);
    }
    // Only the rows and columns that a tap reads; padding replaces those missing at the end.
    const neededHeight = (outHeight - 1) * strideHeight + filterHeight - padTop;
    const neededWidth = (outWidth - 1) * strideWidth + filterWidth - padLeft;
    const keptHeight = Math.min(height, neededHeight);
    const keptWidth = Math.min(width, neededWidth);
    const kept =
      keptHeight === height && keptWidth === width
        ? x
        : tf.slice(x, [0, 0, 0, 0], [batch, keptHeight, keptWidth, inChannels]);
    const gradient = tf.conv2d<tf.Tensor4D>(
      tf.transpose<tf.Tensor4D>(kept, [3, 1, 2, 0]),
      tf.transpose<tf.Tensor4D>(dy, [1, 2, 0, 3]),
      1,
      [
        [0, 0],
        [padTop, neededHeight - keptHeight],
        [padLeft, neededWidth - keptWidth],
        [0, 0],
      ],
      'NHWC',
      [strideHeight, strideWidth],
    );
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}

/**
 * Every n-th row and column, at most `outHeight` x `outWidth` of them. A one-pixel pool is much
 * faster here than a strided slice.
 */
function everyNth(
  x: tf.Tensor4D,
  strideHeight: number,
  strideWidth: number,
  outHeight: number,
  outWidth: number,
): tf.Tensor4D {
  const picked =
    strideHeight === 1 && strideWidth === 1
      ? x
      : tf.maxPool(x, 1, [strideHeight, strideWidth], 'valid');
  if (picked.shape[1] === outHeight && picked.shape[2] === outWidth) return picked;
  return tf.slice(picked, [0, 0, 0, 0], [x.shape[0], outHeight, outWidth, x.shape[3]]);
}
