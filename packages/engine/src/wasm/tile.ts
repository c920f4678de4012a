import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './wasm-backend.ts';

/**
 * `tile` for results that repeat the whole of `x`, for example a vector of channels repeated over
 * batch, height and width. The backend's own kernel computes an index per element; this one copies
 * blocks and doubles their size each time.
 *
 * @returns The tiled tensor, or null if the repetitions interleave or the tensor contains strings.
 */
export function tileByBlocks(
  x: tf.TensorInfo,
  reps: readonly number[],
  backend: WasmBackend,
): tf.TensorInfo | null {
  if (x.dtype === 'string' || !repeatsWholeBlocks(x.shape, reps)) return null;
  const result = backend.makeOutput(
    x.shape.map((size, axis) => size * (reps[axis] ?? 1)),
    x.dtype,
  );
  // Create both views after the allocation, which may move the heap.
  const target = backend.typedArrayFromHeap(result);
  const source = backend.typedArrayFromHeap(x);
  if (target.length === 0) return result;
  target.set(source);
  for (let filled = source.length; filled < target.length; filled *= 2) {
    target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
  }
  return result;
}

/**
 * Whether every axis before the last repeated one has size 1, so that repetition never splits a
 * block.
 */
function repeatsWholeBlocks(shape: readonly number[], reps: readonly number[]): boolean {
  const lastRepeated = reps.findLastIndex((count) => count !== 1);
  return shape.every((size, axis) => axis >= lastRepeated || size === 1);
}
