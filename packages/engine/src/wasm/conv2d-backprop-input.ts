import * as tf from '@tensorflow/tfjs-core';
import type { ConvAttributes } from './conv-geometry.ts';
import { convGeometry } from './conv-geometry.ts';
import type { WasmBackend } from './wasm-backend.ts';

/**
 * The gradient of a convolution with respect to its input. The wasm backend has this kernel, but as plain loops, 5 to 10 times
 * slower than its convolution; it would be most of a training step.
 *
 * With stride 1 it is a convolution of `dy` with the filter turned round. With stride `s` the rows of the result fall into `s`
 * phases, each fed by every s-th tap (sub-pixel convolution): one convolution computes all `s * s` phases as channels, and
 * depth-to-space interleaves them.
 *
 * @param dy `[N, OH, OW, O]` float32.
 * @param filter `[KH, KW, C, O]` float32.
 * @param inputShape `[N, H, W, C]`.
 * @returns `[N, H, W, C]`; the caller disposes it. Null where strides differ by axis: left to the backend's own kernel.
 */
export function conv2dBackpropInput(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: [number, number, number, number],
  attributes: ConvAttributes,
): tf.Tensor4D | null {
  const { strideHeight, strideWidth, padTop, padLeft } = convGeometry(inputShape, filter.shape, attributes);
  if (strideHeight !== strideWidth) return null;
  const stride = strideHeight;
  const [filterHeight, filterWidth, inChannels, outChannels] = filter.shape;
  const [batch, height, width] = inputShape;
  const [, outHeight, outWidth] = dy.shape;

  return tf.tidy(() => {
    if (filterHeight === 1 && filterWidth === 1 && padTop === 0 && padLeft === 0) {
      const turned = tf.transpose(tf.reshape(filter, [inChannels, outChannels]));
      const product = tf.matMul(tf.reshape(dy, [batch * outHeight * outWidth, outChannels]), turned);
      return fit(spread(product, batch, outHeight, outWidth, inChannels, stride), 0, 0, height, width);
    }
    const tapsHeight = Math.ceil(filterHeight / stride);
    const tapsWidth = Math.ceil(filterWidth / stride);
    const phases = stride * stride;
    const padded = tf.pad(filter, [[0, tapsHeight * stride - filterHeight], [0, tapsWidth * stride - filterWidth], [0, 0], [0, 0]]);
    // Axes: tap row, phase row, tap column, phase column, in, out -> taps, out, phases, in.
    const grouped = tf.transpose(
      tf.reshape(padded, [tapsHeight, stride, tapsWidth, stride, inChannels, outChannels]),
      [0, 2, 5, 1, 3, 4],
    );
    const taps = tf.reshape<tf.Rank.R2>(grouped, [tapsHeight * tapsWidth, outChannels * phases * inChannels]);
    // Turning both axes round is reversing the flat list of taps.
    const turned = reverseRows(taps);
    const subPixels = tf.conv2d(
      dy,
      tf.reshape<tf.Rank.R4>(turned, [tapsHeight, tapsWidth, outChannels, phases * inChannels]),
      1,
      [[0, 0], [tapsHeight - 1, tapsHeight - 1], [tapsWidth - 1, tapsWidth - 1], [0, 0]],
    );
    const full = stride === 1 ? subPixels : tf.depthToSpace(subPixels, stride);
    return fit(full, padTop, padLeft, height, width);
  });
}

/** Reverses the first axis, a row at a time; the backend's own reverse and gather take over 30 times as long. */
function reverseRows(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const backend = tf.backend() as unknown as WasmBackend;
  const result = backend.makeOutput([rows, columns], 'float32');
  // Both views are taken after the allocation, which may have moved the heap.
  const target = backend.typedArrayFromHeap(result);
  const source = backend.typedArrayFromHeap(matrix);
  for (let row = 0; row < rows; row += 1) {
    target.set(source.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  }
  return tf.engine().makeTensorFromTensorInfo(result) as tf.Tensor2D;
}

/** `[N * OH * OW, C]` to `[N, OH * s, OW * s, C]`, with zeros between the pixels. */
function spread(pixels: tf.Tensor, batch: number, height: number, width: number, channels: number, stride: number): tf.Tensor4D {
  if (stride === 1) return tf.reshape(pixels, [batch, height, width, channels]);
  const columns = tf.pad(tf.reshape(pixels, [batch * height * width, channels]), [[0, 0], [0, (stride - 1) * channels]]);
  const rowSize = width * stride * channels;
  const rows = tf.pad(tf.reshape(columns, [batch * height, rowSize]), [[0, 0], [0, (stride - 1) * rowSize]]);
  return tf.reshape(rows, [batch, height * stride, width * stride, channels]);
}

/** The window of `height` x `width` that starts at (`top`, `left`); zeros where `full` ends before it does. */
function fit(full: tf.Tensor4D, top: number, left: number, height: number, width: number): tf.Tensor4D {
  const [batch, fullHeight, fullWidth, channels] = full.shape;
  const keptHeight = Math.min(height, fullHeight - top);
  const keptWidth = Math.min(width, fullWidth - left);
  const whole = keptHeight === fullHeight && keptWidth === fullWidth;
  const kept = whole ? full : tf.slice(full, [0, top, left, 0], [batch, keptHeight, keptWidth, channels]);
  if (keptHeight === height && keptWidth === width) return kept;
  return tf.pad(kept, [[0, 0], [0, height - keptHeight], [0, width - keptWidth], [0, 0]]);
}
