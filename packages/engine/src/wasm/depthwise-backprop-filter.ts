import type * as tf from '@tensorflow/tfjs-core';
import { type ConvAttributes, convGeometry } from './conv-geometry.ts';
import type { WasmBackend } from './wasm-backend.ts';

/**
 * The gradient of a depthwise convolution with respect to its filter. The wasm backend lacks this
 * kernel.
 *
 * @param x `[N, H, W, C]` float32.
 * @param dy `[N, OH, OW, C * M]` float32.
 * @param filterShape `[KH, KW, C, M]`.
 * @returns `[KH, KW, C, M]`.
 */
export function depthwiseBackpropFilter(
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  filterShape: [number, number, number, number],
  attributes: ConvAttributes,
  backend: WasmBackend,
): tf.TensorInfo {
  const shape = x.shape as [number, number, number, number];
  const { strideHeight, strideWidth, padTop, padLeft } = convGeometry(
    shape,
    filterShape,
    attributes,
    true,
  );
  const [batch, height, width, channels] = shape;
  const [filterHeight, filterWidth, , multiplier] = filterShape;
  const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const outChannels = channels * multiplier;

  const result = backend.makeOutput(filterShape, 'float32');
  // Create views after the allocation, which may move the heap.
  const input = backend.typedArrayFromHeap(x);
  const gradient = backend.typedArrayFromHeap(dy);
  // Double precision, because a filter's gradient is a sum over all pixels of the batch.
  const sums = new Float64Array(filterHeight * filterWidth * outChannels);

  for (let n = 0; n < batch; n += 1) {
    for (let outRow = 0; outRow < outHeight; outRow += 1) {
      for (let i = 0; i < filterHeight; i += 1) {
        const row = outRow * strideHeight + i - padTop;
        if (row < 0 || row >= height) continue;
        for (let outColumn = 0; outColumn < outWidth; outColumn += 1) {
          const out = ((n * outHeight + outRow) * outWidth + outColumn) * outChannels;
          for (let j = 0; j < filterWidth; j += 1) {
            const column = outColumn * strideWidth + j - padLeft;
            if (column < 0 || column >= width) continue;
            const pixel = ((n * height + row) * width + column) * channels;
            const tap = (i * filterWidth + j) * outChannels;
            if (multiplier === 1) {
              for (let c = 0; c < channels; c += 1)
                sums[tap + c]! += input[pixel + c]! * gradient[out + c]!;
            } else {
              for (let o = 0; o < outChannels; o += 1) {
                sums[tap + o]! += input[pixel + Math.floor(o / multiplier)]! * gradient[out + o]!;
              }
            }
          }
        }
      }
    }
  }
  backend.typedArrayFromHeap(result).set(sums);
  return result;
}
