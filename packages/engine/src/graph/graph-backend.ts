import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';

/** One attribute of a TensorFlow op, in the format of the native binding. */
export interface NativeAttribute {
  name: string;
  type: number;
  value: boolean | number | string | readonly number[];
}

/**
 * How the native backend stores a tensor's data: values that are not uploaded yet, or the id of a
 * native tensor.
 */
export interface NativeData {
  shape: number[];
  /** TensorFlow's number of the type; see {@link DataType}. */
  dtype: number;
  id: number;
  values: tf.TypedArray | null;
  refCount: number;
}

interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** The part of tfjs-node's backend that compilation needs. */
export interface GraphBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: {
    createTensor(shape: readonly number[], dtype: number, values: tf.TypedArray): number;
    deleteTensor(id: number): void;
    tensorDataSync(id: number): tf.TypedArray;
    executeOp(
      name: string,
      attributes: NativeAttribute[],
      inputIds: number[],
      outputs: number,
    ): TensorMetadata[];
    runSavedModel(
      session: number,
      inputIds: number[],
      inputNames: string,
      outputNames: string,
    ): TensorMetadata[];
  };
  readonly tensorMap: {
    get(dataId: object): NativeData | undefined;
    set(dataId: object, data: NativeData): void;
    has(dataId: object): boolean;
  };
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
  getInputTensorIds(inputs: tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  readSync(dataId: object): tf.TypedArray;
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
}

/** TensorFlow's numbers of the types used in graphs here. */
export const DataType = {
  float32: 1,
  float64: 2,
  uint8: 4,
  int32: 3,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** TensorFlow's numbers of the attribute types. */
export const AttributeKind = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/**
 * The native backend.
 *
 * @throws FixresEngineError `engine-unavailable` if another backend is active
 */
export function graphBackend(): GraphBackend {
  const name = tf.getBackend();
  if (name === 'tensorflow') return tf.backend() as unknown as GraphBackend;
  throw new FixresEngineError(
    'engine-unavailable',
    `Graphs can be compiled on the engine tensorflow only, not on ${name}.`,
  );
}

/** The tfjs type for values of a TensorFlow type. */
export function tfjsType(type: number): 'float32' | 'int32' | 'bool' | 'string' {
  if (type === DataType.float32) return 'float32';
  if (type === DataType.bool) return 'bool';
  return type === DataType.resource || type === DataType.string ? 'string' : 'int32';
}

/** The class of arrays for values of a TensorFlow type; those of bool are bytes. */
export function arrayOf(type: number): typeof Float32Array | typeof Int32Array | typeof Uint8Array {
  return type === DataType.float32
    ? Float32Array
    : type === DataType.int32
      ? Int32Array
      : Uint8Array;
}

/** The TensorFlow type of a tfjs tensor. */
export function tensorflowType(dtype: string): number {
  const type = (DataType as Record<string, number>)[dtype];
  if (type !== undefined) return type;
  throw new FixresEngineError('not-compilable', `Tensors of type ${dtype} cannot be compiled.`);
}
