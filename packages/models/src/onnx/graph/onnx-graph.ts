/** An attribute of a node: a whole number, a text, a list of whole numbers, or a number with a fraction. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

/** Types of numbers, by their code in `onnx.proto` (`TensorProto.DataType`). */
export const onnxTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;

export type OnnxType = keyof typeof onnxTypes;

/** The numbers of each type; float16 as its 16 bits. */
interface OnnxData {
  float32: Float32Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
  float16: Uint16Array;
  float64: Float64Array;
}

/** A constant. */
export type OnnxTensor = {
  [Type in OnnxType]: { type: Type; dims: readonly number[]; data: OnnxData[Type] };
}[OnnxType];

/** An input or output of a graph. A text is the name of an unknown dimension. */
export interface OnnxValue {
  name: string;
  type: OnnxType;
  dims: readonly (number | string)[];
}

export interface OnnxNode {
  op: string;
  name: string;
  /** Names of values; an empty text is an optional input that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Readonly<Record<string, OnnxAttribute>>;
  /** The layer that it computes a part of; missing for what belongs to no layer. */
  layer?: { path: string; className: string };
}

/**
 * The operator set that graphs are written for: the first whose Resize can antialias, read by ONNX
 * Runtime from 1.14 (2023) on.
 */
export const ONNX_OPSET = 18;

/** A graph of ONNX operators: plain data, in an order in which it can be computed. */
export class OnnxGraph {
  inputs: OnnxValue[] = [];
  outputs: OnnxValue[] = [];
  nodes: OnnxNode[] = [];
  readonly constants: Map<string, OnnxTensor> = new Map<string, OnnxTensor>();
  /** Texts that are stored with the model. */
  readonly metadata: Map<string, string> = new Map<string, string>();
  readonly #names = new Set<string>();

  /** Reserves a name: the wanted one, or the first of `wanted_1`, `wanted_2`, ... that is free. */
  freshName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }

  /**
   * Appends a node with one output.
   *
   * @param name wanted name of the node and of its output
   * @returns the name of its output
   */
  add(
    op: string,
    inputs: readonly string[],
    name: string,
    attributes: OnnxNode['attributes'] = {},
  ): string {
    const output = this.freshName(name);
    this.nodes.push({ op, name: output, inputs: [...inputs], outputs: [output], attributes });
    return output;
  }

  /** Adds a constant and returns its name. */
  constant(name: string, tensor: OnnxTensor): string {
    const fresh = this.freshName(name);
    this.constants.set(fresh, tensor);
    return fresh;
  }

  /** Adds a constant of float32 numbers. Default dimensions: a list; `[]` is a single number. */
  floats(name: string, values: Iterable<number>, dims?: readonly number[]): string {
    const data = Float32Array.from(values);
    return this.constant(name, { type: 'float32', dims: dims ?? [data.length], data });
  }

  /** Adds a list of int64 numbers, which ONNX uses for shapes, axes and positions. */
  integers(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant(name, { type: 'int64', dims: [data.length], data });
  }
}
