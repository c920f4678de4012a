import * as tf from '@tensorflow/tfjs-core';

/** One attribute of a TensorFlow op, in the form of the native binding. */
export interface NativeAttribute {
  name: string;
  type: number;
  value: boolean | number | string | number[];
}

/** The constants of TensorFlow's C interface that the kernels here need. */
interface NativeBinding {
  TF_FLOAT: number;
  TF_INT32: number;
  TF_ATTR_STRING: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_SHAPE: number;
}

/**
 * The part of tfjs-node's backend that can call any TensorFlow op. Its outputs belong to the
 * enclosing tidy.
 */
export interface NativeBackend {
  readonly binding: NativeBinding;
  executeSingleOutput(
    name: string,
    attributes: NativeAttribute[],
    inputs: tf.TensorInfo[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: NativeAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/**
 * The TensorFlow backend of tfjs-node, or undefined while another backend is active. Looked up at
 * every call and never cached, because a program may change its backend.
 */
export function nativeBackend(): NativeBackend | undefined {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : undefined;
}
