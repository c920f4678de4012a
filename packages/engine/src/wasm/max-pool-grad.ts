import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './wasm-backend.ts';

/** The attributes of tfjs's `MaxPoolGrad`. */
export interface MaxPoolGradAttributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The gradient of a max pool. The backend's own kernel is wrong if all values of a window are
 * negative, which is common in the shortcuts of ResNetV2 (1x1 pools with stride 2 over values of
 * either sign).
 *
 * Each window passes its gradient to its first largest value, as in the other backends.
 *
 * @param dy `[N, OH, OW, C]` float32.
 * @param input `[N, H, W, C]` float32: the input of the pool.
 * @returns `[N, H, W, C]`.
 */
export function maxPoolGrad(
  dy: tf.TensorInfo,
  input: tf.TensorInfo,
  attributes: MaxPoolGradAttributes,
  backend: WasmBackend,
): tf.TensorInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const shape = input.shape as [number, number, number, number];
  const pool = tf.backend_util.computePool2DInfo(
    shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const [batch, height, width, channels] = shape;
  const { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } =
    pool;

  const result = backend.makeOutput(shape, 'float32');
  // Create views after the allocation, which may move the heap.
  const dx = backend.typedArrayFromHeap(result).fill(0);
  const x = backend.typedArrayFromHeap(input);
  const gradient = backend.typedArrayFromHeap(dy);
  const largest = new Float32Array(channels);
  const place = new Int32Array(channels);

  let out = 0;
  for (let n = 0; n < batch; n += 1) {
    for (let row = 0; row < outHeight; row += 1) {
      const top = row * strideHeight - padInfo.top;
      const rowEnd = Math.min(height, top + filterHeight);
      for (let column = 0; column < outWidth; column += 1) {
        const left = column * strideWidth - padInfo.left;
        const columnEnd = Math.min(width, left + filterWidth);
        largest.fill(-Infinity);
        place.fill(-1);
        // Channels are the innermost dimension, so they are adjacent in memory.
        for (let h = Math.max(0, top); h < rowEnd; h += 1) {
          for (let w = Math.max(0, left); w < columnEnd; w += 1) {
            const pixel = ((n * height + h) * width + w) * channels;
            for (let c = 0; c < channels; c += 1) {
              const value = x[pixel + c]!;
              if (value > largest[c]!) {
                largest[c] = value;
                place[c] = pixel + c;
              }
            }
          }
        }
        for (let c = 0; c < channels; c += 1, out += 1) {
          const at = place[c]!;
          if (at >= 0) dx[at]! += gradient[out]!;
        }
      }
    }
  }
  return result;
}
