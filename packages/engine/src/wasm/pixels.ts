import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './wasm-backend.ts';

/**
 * Reverses the first axis by copying rows; the backend's own reverse and gather are over 30 times
 * slower.
 */
export function reverseRows(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const backend = tf.backend() as unknown as WasmBackend;
  const result = backend.makeOutput([rows, columns], 'float32');
  // Create both views after the allocation, which may move the heap.
  const target = backend.typedArrayFromHeap(result);
  const source = backend.typedArrayFromHeap(matrix);
  for (let row = 0; row < rows; row += 1) {
    target.set(source.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  }
  return tf.engine().makeTensorFromTensorInfo(result) as tf.Tensor2D;
}

/** `[N * OH * OW, C]` to `[N, OH * SH, OW * SW, C]`, with zeros between the pixels. */
export function spread(
  pixels: tf.Tensor,
  [batch, height, width, channels]: readonly [number, number, number, number],
  strideHeight: number,
  strideWidth: number,
): tf.Tensor4D {
  const columns = tf.pad(tf.reshape(pixels, [batch * height * width, channels]), [
    [0, 0],
    [0, (strideWidth - 1) * channels],
  ]);
  const rowSize = width * strideWidth * channels;
  const rows = tf.pad(tf.reshape(columns, [batch * height, rowSize]), [
    [0, 0],
    [0, (strideHeight - 1) * rowSize],
  ]);
  return tf.reshape(rows, [batch, height * strideHeight, width * strideWidth, channels]);
}

/**
 * The window of `height` x `width` that starts at (`top`, `left`); zeros beyond the end of `full`.
 */
export function fit(
  full: tf.Tensor4D,
  top: number,
  left: number,
  height: number,
  width: number,
): tf.Tensor4D {
  const [batch, fullHeight, fullWidth, channels] = full.shape;
  const keptHeight = Math.min(height, fullHeight - top);
  const keptWidth = Math.min(width, fullWidth - left);
  const whole = keptHeight === fullHeight && keptWidth === fullWidth;
  const kept = whole
    ? full
    : tf.slice(full, [0, top, left, 0], [batch, keptHeight, keptWidth, channels]);
  if (keptHeight === height && keptWidth === width) return kept;
  return tf.pad(kept, [
    [0, 0],
    [0, height - keptHeight],
    [0, width - keptWidth],
    [0, 0],
  ]);
}
