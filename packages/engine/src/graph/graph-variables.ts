import type * as tf from '@tensorflow/tfjs-core';
import {
  AttributeKind,
  DataType,
  type GraphBackend,
  type NativeAttribute,
  tensorflowType,
} from './graph-backend.ts';
import type { Graph, GraphNode } from './graph-node.ts';

/** The handle of a resource variable; it is a tensor. */
export interface ResourceHandle extends tf.TensorInfo {
  readonly isDisposed: boolean;
}

/**
 * The source of a graph variable: a tfjs variable, or the handle of a TensorFlow resource variable.
 */
export type VariableSource =
  | { kind: 'variable'; variable: tf.Variable }
  | { kind: 'resource'; handle: ResourceHandle };

/** A variable of a graph. Its value lives in the session. */
export interface GraphVariable {
  readonly name: string;
  readonly shape: number[];
  readonly type: number;
  readonly source: VariableSource;
  readonly handle: GraphNode;
}

/** The variables of a graph, each collected once while functions are recorded. */
export class GraphVariables {
  readonly all: GraphVariable[] = [];
  readonly #graph: Graph;
  readonly #backend: GraphBackend;
  readonly #byVariable = new Map<tf.Variable, GraphVariable>();
  readonly #byHandle = new Map<object, GraphVariable>();

  constructor(graph: Graph, backend: GraphBackend) {
    this.#graph = graph;
    this.#backend = backend;
  }

  ofVariable(variable: tf.Variable): GraphVariable {
    let found = this.#byVariable.get(variable);
    if (found === undefined) {
      found = this.#add(variable.shape, tensorflowType(variable.dtype), {
        kind: 'variable',
        variable,
      });
      this.#byVariable.set(variable, found);
    }
    return found;
  }

  /** The variable of a resource handle, which must have a value. */
  ofHandle(handle: ResourceHandle): GraphVariable {
    let found = this.#byHandle.get(handle.dataId);
    if (found === undefined) {
      const value = readResource(this.#backend, handle);
      this.#backend.binding.deleteTensor(value.id);
      found = this.#add(value.shape, value.dtype, { kind: 'resource', handle });
      this.#byHandle.set(handle.dataId, found);
    }
    return found;
  }

  #add(shape: number[], type: number, source: VariableSource): GraphVariable {
    const name = `variable_${this.all.length}`;
    const handle = this.#graph.add(name, 'VarHandleOp', {
      attributes: [
        ['dtype', { kind: 'type', value: type }],
        ['shape', { kind: 'shape', value: shape }],
        ['shared_name', { kind: 'string', value: name }],
        ['container', { kind: 'string', value: '' }],
      ],
      outputs: [{ shape: [], type: DataType.resource }],
    });
    const variable = { name, shape: [...shape], type, source, handle };
    this.all.push(variable);
    return variable;
  }
}

/** The value of a resource variable, as a native tensor that shares its memory. */
export function readResource(
  backend: GraphBackend,
  handle: tf.TensorInfo,
): { id: number; shape: number[]; dtype: number } {
  return backend.binding.executeOp(
    'ReadVariableOp',
    [floatType],
    backend.getInputTensorIds([handle]),
    1,
  )[0]!;
}

/** Assigns a value to a resource variable. */
export function assignResource(backend: GraphBackend, handle: number, value: number): void {
  backend.binding.executeOp('AssignVariableOp', [floatType], [handle, value], 0);
}

const floatType: NativeAttribute = {
  name: 'dtype',
  type: AttributeKind.type,
  value: DataType.float32,
};
