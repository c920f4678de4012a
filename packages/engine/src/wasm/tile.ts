import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './wasm-backend.ts';

/**
 * `tile` where the result is the whole of `x` again and again, as when a vector of channels is spread over batch, height and
 * width. The backend's own kernel computes an index for each element; here the block is copied, twice as much each time.
 *
 * @returns The tiled tensor, or null when the repetitions interleave (or hold strings).
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
  // Both views are taken after the allocation, which may have moved the heap.
  const target = backend.typedArrayFromHeap(result);
  const source = backend.typedArrayFromHeap(x);
  if (target.length === 0) return result;
  target.set(source);
  for (let filled = source.length; filled < target.length; filled *= 2) {
    target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
  }
  return result;
}

/** True when every axis before the last repeated one has size 1, so that repeating never splits a block. */
function repeatsWholeBlocks(shape: readonly number[], reps: readonly number[]): boolean {
  const lastRepeated = reps.findLastIndex((count) => count !== 1);
  return shape.every((size, axis) => axis >= lastRepeated || size === 1);
}
