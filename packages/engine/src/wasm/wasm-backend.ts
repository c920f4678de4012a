import type * as tf from '@tensorflow/tfjs-core';

/** Methods of tfjs's `BackendWasm` that kernels written in JavaScript need. */
export interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view that the next allocation may detach. */
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}
