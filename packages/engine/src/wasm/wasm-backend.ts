import type * as tf from '@tensorflow/tfjs-core';

/** The two methods of tfjs's `BackendWasm` that a kernel written in JavaScript needs. */
export interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view that the next allocation may detach. */
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}
