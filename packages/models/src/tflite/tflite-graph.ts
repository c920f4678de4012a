import type { TfliteOperator, TfliteType } from './schema.ts';

/** The numbers of each type; float16 as its 16 bits. */
interface TfliteData {
  float32: Float32Array;
  float16: Uint16Array;
  int32: Int32Array;
  bool: Uint8Array;
  int8: Int8Array;
}

/** A number is `scale * (stored - zero)`. */
export interface TfliteQuantisation {
  /** One, or one for each index of `axis`. */
  scales: readonly number[];
  /** As many as there are scales. */
  zeros: readonly number[];
  axis: number;
}

/** A tensor; a constant has data. */
export type TfliteTensor = {
  [Type in TfliteType]: {
    name: string;
    type: Type;
    /** With a batch of one image. */
    shape: readonly number[];
    data?: TfliteData[Type];
    quantisation?: TfliteQuantisation;
    /** Name of the value of the ONNX graph that it has, in any order of axes. */
    value?: string;
  };
}[TfliteType];

/** One call of an operator. */
export interface TfliteOp {
  op: TfliteOperator;
  inputs: TfliteTensor[];
  outputs: TfliteTensor[];
  options: Record<string, number | boolean>;
}

/** A graph of TensorFlow Lite's operators: plain data, in an order in which it can be computed. */
export class TfliteGraph {
  inputs: TfliteTensor[] = [];
  outputs: TfliteTensor[] = [];
  ops: TfliteOp[] = [];

  /**
   * Appends an operator with one float32 output.
   *
   * @param shape of the output
   * @returns the output
   */
  add(
    op: TfliteOperator,
    inputs: readonly TfliteTensor[],
    name: string,
    shape: readonly number[],
    options: TfliteOp['options'] = {},
  ): TfliteTensor {
    return this.append({ op, inputs: [...inputs], options }, { name, type: 'float32', shape });
  }

  /** Appends an operator with the given output. */
  append(op: Omit<TfliteOp, 'outputs'>, output: TfliteTensor): TfliteTensor {
    this.ops.push({ ...op, outputs: [output] });
    return output;
  }
}

/** A constant of float32 numbers. */
export function floats(
  name: string,
  values: Iterable<number>,
  shape: readonly number[],
): TfliteTensor {
  return { name, type: 'float32', shape, data: Float32Array.from(values) };
}

/** A list of whole numbers: a shape, axes or positions. */
export function integers(
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TfliteTensor {
  return { name, type: 'int32', shape, data: Int32Array.from(values) };
}
