import { type Attribute, DataType, type Graph, type Output } from '@fixres/engine/graph';

export type Attributes = Readonly<Record<string, Attribute>>;

/** An attribute that is a type. */
export function typed(value: number): Attribute {
  return { kind: 'type', value };
}

/** TensorFlow's type of an output. */
export function typeOf({ node, index }: Output): number {
  return node.outputs[index]!.type;
}

/** Adds TensorFlow ops whose shapes are known only when the graph runs. */
export class NodeBuilder {
  readonly graph: Graph;
  readonly #scope: string;

  /** @param scope precedes the names of all ops */
  constructor(graph: Graph, scope: string) {
    this.graph = graph;
    this.#scope = scope;
  }

  /** An op with one output. Default of `attributes`: `T`, the type of the first input. */
  node(
    op: string,
    inputs: Output[],
    name: string,
    type: number,
    attributes: Attributes = { T: typed(typeOf(inputs[0]!)) },
  ): Output {
    const node = this.graph.add(`${this.#scope}/${name}`, op, {
      inputs,
      attributes: Object.entries(attributes),
      outputs: [{ shape: [], type }],
    });
    return { node, index: 0 };
  }

  /** An int32 scalar. */
  scalar(value: number): Output {
    return this.graph.constant({ shape: [], type: DataType.int32, values: Int32Array.of(value) });
  }

  /** An int64 vector. */
  integers(values: readonly number[]): Output {
    return this.graph.constant({
      shape: [values.length],
      type: DataType.int64,
      values: BigInt64Array.from(values, BigInt),
    });
  }

  floats(values: readonly number[], shape: readonly number[] = []): Output {
    return this.graph.constant({
      shape,
      type: DataType.float32,
      values: Float32Array.from(values),
    });
  }

  cast(x: Output, type: number, name: string): Output {
    return this.node('Cast', [x], name, type, { SrcT: typed(typeOf(x)), DstT: typed(type) });
  }

  /** The dimensions of a tensor, int64. */
  shape(x: Output, name: string): Output {
    return this.node('Shape', [x], name, DataType.int64, {
      T: typed(typeOf(x)),
      out_type: typed(DataType.int64),
    });
  }

  reshape(x: Output, shape: readonly number[], name: string): Output {
    return this.node('Reshape', [x, this.graph.ints(shape)], name, typeOf(x), {
      T: typed(typeOf(x)),
      Tshape: typed(DataType.int32),
    });
  }

  /** @param begin int64, first index along each axis; `size` likewise, -1 is everything that is left */
  slice(x: Output, begin: Output, size: Output, name: string): Output {
    return this.node('Slice', [x, begin, size], name, typeOf(x), {
      T: typed(typeOf(x)),
      Index: typed(DataType.int64),
    });
  }

  /** Joins vectors. */
  join(parts: Output[], name: string): Output {
    return this.node('ConcatV2', [...parts, this.scalar(0)], name, typeOf(parts[0]!), {
      N: { kind: 'int', value: parts.length },
      T: typed(typeOf(parts[0]!)),
      Tidx: typed(DataType.int32),
    });
  }

  transpose(x: Output, order: Output, name: string): Output {
    return this.node('Transpose', [x, order], name, typeOf(x), {
      T: typed(typeOf(x)),
      Tperm: typed(DataType.int32),
    });
  }
}
