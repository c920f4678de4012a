import { DataType } from './graph-backend.ts';

/** Shape and TensorFlow type of an output of a node. */
export interface OutputSpec {
  shape: readonly number[];
  type: number;
}

/** The values of a constant. */
export interface ConstantValue extends OutputSpec {
  values: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

/** An attribute of a node. */
export type Attribute =
  | { kind: 'string'; value: string }
  | { kind: 'int' | 'float' | 'type'; value: number }
  | { kind: 'bool'; value: boolean }
  | { kind: 'shape'; value: readonly number[] }
  | { kind: 'shapes'; value: readonly (readonly number[])[] }
  /** The name of a function in the graph's library. */
  | { kind: 'function'; value: string }
  | { kind: 'ints' | 'floats' | 'types'; value: readonly number[] }
  | { kind: 'bools'; value: readonly boolean[] }
  | { kind: 'strings'; value: readonly string[] }
  | { kind: 'tensor'; value: ConstantValue };

/** One op of a graph. */
export interface GraphNode {
  readonly name: string;
  op: string;
  inputs: Output[];
  /** Nodes that must run before this one. */
  controls: GraphNode[];
  readonly attributes: Map<string, Attribute>;
  outputs: OutputSpec[];
}

/** One output of a node. */
export interface Output {
  readonly node: GraphNode;
  readonly index: number;
}

/** Parts of a new node. */
export interface NodeParts {
  inputs?: Output[];
  controls?: GraphNode[];
  attributes?: Iterable<readonly [string, Attribute]>;
  outputs?: OutputSpec[];
}

/** Constants with at most this many elements are deduplicated. */
const SMALL = 64;

/** A graph under construction. Its nodes are in a valid execution order. */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Output>();
  readonly #names = new Set<string>();

  /** Adds an op. A number is appended to a name that is already used. */
  add(name: string, op: string, parts: NodeParts = {}): GraphNode {
    const { inputs = [], controls = [], attributes = [], outputs = [] } = parts;
    let unique = name;
    for (let i = 1; this.#names.has(unique); i++) unique = `${name}_${i}`;
    this.#names.add(unique);
    const node: GraphNode = {
      name: unique,
      op,
      inputs: [...inputs],
      controls: [...controls],
      attributes: new Map(attributes),
      outputs: [...outputs],
    };
    this.nodes.push(node);
    return node;
  }

  /**
   * A constant. Equal small constants are one node; large ones with a single value are filled at
   * run time.
   */
  constant(value: ConstantValue): Output {
    const { shape, type, values } = value;
    if (values.length > SMALL)
      return values.every((one) => Object.is(one, values[0]))
        ? this.#filled(value)
        : this.#stored(value);
    const key = `${type}[${shape.join()}]${Array.from<number | bigint, string>(values as ArrayLike<number | bigint>, (one) => (Object.is(one, -0) ? '-0' : String(one))).join()}`;
    let output = this.#constants.get(key);
    if (output === undefined) {
      output = this.#stored(value);
      this.#constants.set(key, output);
    }
    return output;
  }

  /** An int32 vector. */
  ints(values: readonly number[]): Output {
    return this.constant({
      shape: [values.length],
      type: DataType.int32,
      values: Int32Array.from(values),
    });
  }

  #stored(value: ConstantValue): Output {
    const attributes = [
      ['dtype', { kind: 'type', value: value.type }],
      ['value', { kind: 'tensor', value }],
    ] as const;
    return {
      node: this.add('constant', 'Const', {
        attributes,
        outputs: [{ shape: value.shape, type: value.type }],
      }),
      index: 0,
    };
  }

  #filled({ shape, type, values }: ConstantValue): Output {
    const one = this.constant({ shape: [], type, values: values.slice(0, 1) });
    const attributes = [
      ['T', { kind: 'type', value: type }],
      ['index_type', { kind: 'type', value: DataType.int32 }],
    ] as const;
    return {
      node: this.add('filled', 'Fill', {
        inputs: [this.ints(shape), one],
        attributes,
        outputs: [{ shape, type }],
      }),
      index: 0,
    };
  }
}

/** The values of an output, if it is a constant. */
export function constantValue({ node }: Output): ConstantValue | undefined {
  const value = node.op === 'Const' ? node.attributes.get('value') : undefined;
  return value?.kind === 'tensor' ? value.value : undefined;
}

/** Shape and type of an output. */
export function specOf({ node, index }: Output): OutputSpec {
  return node.outputs[index]!;
}
