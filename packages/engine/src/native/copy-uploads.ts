import type * as tf from '@tensorflow/tfjs-core';

/** The part of tfjs-node's binding that gives numbers to TensorFlow. */
interface UploadBinding {
  createTensor(shape: readonly number[], dtype: number, values: unknown): number;
}

/** Allocators begin arrays at multiples of this many bytes, and TensorFlow shares those at multiples of 64. */
const ALIGNMENT = 16;
/** Where a copy begins in its buffer: at no such multiple, so that TensorFlow copies it. */
const UNALIGNED = 4;
/** Bytes of the largest buffer that is kept for the next upload: a batch of 32 images of 224 pixels in float32. */
const MOST_KEPT = 20 * 2 ** 20;

/**
 * Makes TensorFlow copy all numbers that it is given. It would share the memory of some arrays, by chance of
 * their address, and let go of them later, in whichever of its threads uses them last: those of a variable when
 * a step replaces it. The binding (tfjs-node 4.22) then calls Node-API, which only the thread of JavaScript may
 * do. Rarely, that damaged memory, and the process ended with a failed check of TensorFlow. A copied array is let go of at
 * once.
 */
export function copyUploads(backend: { binding: UploadBinding }): void {
  const { binding } = backend;
  let kept = new ArrayBuffer(0);
  const copied = (values: tf.TypedArray): tf.TypedArray => {
    const needed = UNALIGNED + values.byteLength;
    const buffer = kept.byteLength < needed ? new ArrayBuffer(needed) : kept;
    if (needed <= MOST_KEPT) kept = buffer;
    const Numbers = values.constructor as Float32ArrayConstructor;
    const copy = new Numbers(buffer, UNALIGNED, values.length);
    copy.set(values);
    return copy;
  };
  const createTensor: UploadBinding['createTensor'] = (shape, dtype, values) =>
    binding.createTensor(
      shape,
      dtype,
      isNumbers(values) && values.byteOffset % ALIGNMENT === 0 ? copied(values) : values,
    );
  // The functions of a binding cannot be replaced in it.
  backend.binding = Object.create(binding, {
    createTensor: { value: createTensor },
  }) as UploadBinding;
}

/** Strings are arrays of arrays. */
function isNumbers(values: unknown): values is tf.TypedArray {
  return ArrayBuffer.isView(values);
}
