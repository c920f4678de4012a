import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';
import { whileRecording } from './control-dependency.ts';
import {
  AttributeKind,
  DataType,
  type GraphBackend,
  type NativeAttribute,
  tensorflowType,
  tfjsType,
} from './graph-backend.ts';
import {
  type Attribute,
  constantValue,
  type Graph,
  type GraphNode,
  type Output,
  type OutputSpec,
  specOf,
} from './graph-node.ts';
import type { GraphVariable, GraphVariables, ResourceHandle } from './graph-variables.ts';
import { outputSpecs } from './output-specs.ts';

/** Shape and type of an argument of a compiled function. */
export interface InputSpec {
  shape: readonly number[];
  /** `uint8` is passed to the function as float32: images are cast inside the graph. */
  dtype: 'float32' | 'int32' | 'uint8';
}

/** A function of tensors that can be recorded as a graph. The enclosing tidy owns its results. */
export type TensorFunction = (
  inputs: Readonly<Record<string, tf.Tensor>>,
) => Readonly<Record<string, tf.Tensor>>;

/** A function recorded as part of a graph. */
export interface RecordedFunction {
  readonly name: string;
  readonly inputs: ReadonlyMap<string, GraphNode>;
  readonly outputs: ReadonlyMap<string, GraphNode>;
  /** Whether a run changes variables. */
  readonly writes: boolean;
}

export interface RecordOptions {
  graph: Graph;
  variables: GraphVariables;
  backend: GraphBackend;
}

/**
 * Runs a function once with symbolic tensors, which have a shape but no values, and adds each
 * kernel it calls to the graph instead of computing it. Recording therefore takes little time and
 * no memory, regardless of the batch size. Values that the function reads from tf.Variables, or
 * from resource variables of kernels like `ResourceApplyAdam`, become variables of the graph; its
 * assignments are executed when the graph runs. After recording, all variables are unchanged.
 *
 * @throws FixresEngineError `not-compilable`
 */
export function recordFunction(
  name: string,
  inputs: Readonly<Record<string, InputSpec>>,
  run: TensorFunction,
  options: RecordOptions,
): RecordedFunction {
  return new Recording(name, options).record(inputs, run);
}

/** The state of a variable during recording. */
interface VariableProgress {
  /** Reads of the current value. */
  reads: GraphNode[];
  lastWrite?: GraphNode;
}

class Recording {
  readonly #name: string;
  readonly #graph: Graph;
  readonly #variables: GraphVariables;
  readonly #backend: GraphBackend;
  /** The graph output for the data of a tensor. */
  readonly #outputs = new Map<object, Output>();
  /** The variables that had this data before the function ran. */
  readonly #initial = new Map<object, tf.Variable>();
  readonly #initialData = new Map<tf.Variable, object>();
  readonly #aliases = new Map<object, GraphVariable>();
  readonly #progress = new Map<GraphVariable, VariableProgress>();
  readonly #writes: GraphNode[] = [];
  /** The last op so far that other processes take part in. */
  #collective: GraphNode | undefined;

  constructor(name: string, { graph, variables, backend }: RecordOptions) {
    this.#name = name;
    this.#graph = graph;
    this.#variables = variables;
    this.#backend = backend;
  }

  record(specs: Readonly<Record<string, InputSpec>>, run: TensorFunction): RecordedFunction {
    const registered = Object.values(tf.engine().registeredVariables);
    const held = registered.map((variable) => [variable, variable.clone()] as const);
    const unhook = this.#hook();
    let recorded!: RecordedFunction;
    try {
      tf.tidy(() => {
        for (const variable of registered) this.#standIn(variable);
        const inputs = new Map<string, GraphNode>();
        const given: Record<string, tf.Tensor> = {};
        for (const [input, { shape, dtype }] of Object.entries(specs)) {
          const spec = { shape, type: tensorflowType(dtype) };
          const attributes = [
            ['dtype', { kind: 'type', value: spec.type }],
            ['shape', { kind: 'shape', value: shape }],
          ] as const;
          const node = this.#graph.add(`${this.#name}/${input}`, 'Placeholder', {
            attributes,
            outputs: [spec],
          });
          inputs.set(input, node);
          given[input] = this.#tensor(
            dtype === 'uint8' ? this.#cast({ node, index: 0 }) : { node, index: 0 },
          );
        }
        const results = whileRecording(
          (x, dependency) => this.#orderAfter(x, dependency),
          () => run(given),
        );
        this.#refuseNewVariables(registered);
        const found = Object.entries(results).map(
          ([output, tensor]) => [output, this.#outputOf(tensor)] as const,
        );
        for (const variable of registered) {
          if (!variable.isDisposed && this.#initial.get(variable.dataId) !== variable)
            this.#writeBack(variable);
        }
        const outputs = found.map(([output, value]) => {
          const attributes = [['T', { kind: 'type', value: specOf(value).type }]] as const;
          const parts = {
            inputs: [value],
            controls: this.#writes,
            attributes,
            outputs: [specOf(value)],
          };
          return [output, this.#graph.add(`${this.#name}/${output}`, 'Identity', parts)] as const;
        });
        recorded = {
          name: this.#name,
          inputs,
          outputs: new Map(outputs),
          writes: this.#writes.length > 0,
        };
      });
      return recorded;
    } finally {
      unhook();
      for (const [variable, before] of held) {
        if (!variable.isDisposed && variable.dataId !== before.dataId) variable.assign(before);
        before.dispose();
      }
    }
  }

  /**
   * Gives a variable its own data during recording: several variables can share data, for example a
   * weight and a copy of it.
   */
  #standIn(variable: tf.Variable): void {
    const data = this.#symbol({ shape: variable.shape, type: tensorflowType(variable.dtype) });
    this.#initial.set(data.dataId, variable);
    this.#initialData.set(variable, data.dataId);
    variable.assign(data);
  }

  /**
   * Replaces the backend's execution with the recorder, and returns a function that restores it.
   */
  #hook(): () => void {
    const backend = this.#backend;
    const own = Object.getOwnPropertyDescriptors(backend);
    const hooks: Partial<GraphBackend> = {
      executeSingleOutput: (op, attributes, inputs) => this.#execute(op, attributes, inputs, 1)[0]!,
      executeMultipleOutputs: (op, attributes, inputs, outputs) =>
        this.#execute(op, attributes, inputs, outputs),
      readSync: (dataId) => {
        if (this.#outputs.has(dataId) || this.#initial.has(dataId)) {
          throw this.#refusal(
            'it reads the values of a tensor, which are not known before the graph runs',
          );
        }
        return readConstant(dataId);
      },
    };
    const readConstant = backend.readSync.bind(backend);
    Object.assign(backend, hooks);
    return () => {
      for (const key of Object.keys(hooks)) {
        const before = own[key as keyof typeof own];
        if (before === undefined) Reflect.deleteProperty(backend, key);
        else Object.defineProperty(backend, key, before);
      }
    };
  }

  #execute(
    op: string,
    given: NativeAttribute[],
    tensors: tf.TensorInfo[],
    outputCount: number,
  ): tf.Tensor[] {
    if (op === 'VarHandleOp' || op === 'DestroyResourceOp') {
      throw this.#refusal(
        'it creates or disposes variables; create them before (SlotOptimizer.build does)',
      );
    }
    if (op === 'AssignVariableOp') return this.#assignResource(tensors[0]!, tensors[1]!);
    if (op === 'ReadVariableOp') return [this.#tensor(this.#read(this.#resourceOf(tensors[0]!)))];
    const resources = tensors
      .filter((tensor) => this.#isResource(tensor))
      .map((tensor) => this.#resourceOf(tensor));
    const inputs = tensors.map((tensor) =>
      this.#isResource(tensor)
        ? { node: this.#resourceOf(tensor).handle, index: 0 }
        : this.#outputOf(tensor),
    );
    const attributes = new Map(given.map((attribute) => [attribute.name, toAttribute(attribute)]));
    // The only kernel of tfjs-node that relies on type inference, which a graph does not do.
    if (op === 'ExpandDims')
      attributes
        .set('T', { kind: 'type', value: specOf(inputs[0]!).type })
        .set('Tdim', { kind: 'type', value: DataType.int32 });
    const specs =
      outputSpecs(op, inputs, attributes) ?? this.#specsByRunning(op, given, inputs, outputCount);
    // Between other ops, it would keep TensorFlow from fusing them.
    if (op === 'Reshape' && String(specs[0]!.shape) === String(specOf(inputs[0]!).shape))
      return [this.#tensor(inputs[0]!)];
    const controls = resources.flatMap((resource) => this.#before(resource));
    const node = this.#graph.add(`${this.#name}/${op}`, op, {
      inputs,
      controls,
      attributes,
      outputs: specs,
    });
    for (const resource of resources) this.#wrote(resource, node);
    if (op === 'CollectiveReduceV2') {
      // All processes must take them in the same order.
      if (this.#collective !== undefined) node.controls.push(this.#collective);
      this.#collective = node;
    }
    return Array.from({ length: outputCount }, (_, index) => this.#tensor({ node, index }));
  }

  /** Runs a kernel whose output shapes are unknown, with zeros for unknown values. */
  #specsByRunning(
    op: string,
    attributes: NativeAttribute[],
    inputs: Output[],
    outputCount: number,
  ): OutputSpec[] {
    if (outputCount === 0) return [];
    const { binding } = this.#backend;
    const ids: number[] = [];
    try {
      for (const input of inputs) {
        const { shape, type } = specOf(input);
        const value = constantValue(input);
        ids.push(
          value === undefined
            ? this.#zeros(shape, type)
            : binding.createTensor(shape, type, nativeValues(value.values)),
        );
      }
      const outputs = binding.executeOp(op, attributes, ids, outputCount);
      ids.push(...outputs.map(({ id }) => id));
      return outputs.map(({ shape, dtype }) => ({ shape, type: dtype }));
    } catch (cause) {
      throw this.#refusal(
        `the output shapes of kernel ${op} cannot be determined: ${String(cause)}`,
        cause,
      );
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  #zeros(shape: readonly number[], type: number): number {
    const { binding } = this.#backend;
    const size = tf.util.sizeFromShape([...shape]);
    return binding.createTensor(
      shape,
      type,
      type === DataType.float32
        ? new Float32Array(size)
        : type === DataType.bool
          ? new Uint8Array(size)
          : new Int32Array(size),
    );
  }

  #outputOf(tensor: tf.TensorInfo): Output {
    const int64 = (tensor as { valueArray?: Int32Array }).valueArray;
    if (int64 !== undefined) {
      const values = new BigInt64Array(int64.buffer, int64.byteOffset, 1);
      return this.#graph.constant({ shape: [], type: DataType.int64, values: values.slice() });
    }
    const known = this.#outputs.get(tensor.dataId);
    if (known !== undefined) return known;
    const variable = this.#initial.get(tensor.dataId);
    if (variable !== undefined) {
      const output = this.#read(this.#variables.ofVariable(variable));
      this.#outputs.set(tensor.dataId, output);
      return output;
    }
    const values = this.#backend.readSync(tensor.dataId);
    const output = this.#graph.constant({
      shape: [...tensor.shape],
      type: tensorflowType(tensor.dtype),
      values,
    });
    this.#outputs.set(tensor.dataId, output);
    return output;
  }

  #isResource(tensor: tf.TensorInfo): boolean {
    return this.#backend.tensorMap.get(tensor.dataId)?.dtype === DataType.resource;
  }

  #resourceOf(handle: tf.TensorInfo): GraphVariable {
    return this.#aliases.get(handle.dataId) ?? this.#variables.ofHandle(handle as ResourceHandle);
  }

  /**
   * Fused optimiser kernels require a resource, so optimisers assign the tf.Variable to one, update
   * that, and read it back. In the graph, the variable already is a resource, so the other handle
   * becomes an alias of it.
   */
  #assignResource(handle: tf.TensorInfo, value: tf.TensorInfo): [] {
    const variable = tf.engine().registeredVariables[(value as { name?: string }).name ?? ''];
    if (variable !== undefined && variable === value) {
      const graphVariable = this.#variables.ofVariable(variable);
      this.#writeBack(variable);
      this.#aliases.set(handle.dataId, graphVariable);
    } else {
      this.#aliases.delete(handle.dataId);
      this.#assign(this.#variables.ofHandle(handle as ResourceHandle), this.#outputOf(value));
    }
    return [];
  }

  /** Assigns the current value of a tf.Variable to its graph variable, if it changed. */
  #writeBack(variable: tf.Variable): void {
    const target = this.#variables.ofVariable(variable);
    const value = this.#outputOf(variable);
    const isPresent =
      value.node.op === 'ReadVariableOp' && this.#progressOf(target).reads.includes(value.node);
    if (!isPresent) this.#assign(target, value);
  }

  #assign(target: GraphVariable, value: Output): void {
    const node = this.#graph.add(`${this.#name}/AssignVariableOp`, 'AssignVariableOp', {
      inputs: [{ node: target.handle, index: 0 }, value],
      controls: this.#before(target),
      attributes: [['dtype', { kind: 'type', value: target.type }]],
    });
    this.#wrote(target, node);
  }

  #read(variable: GraphVariable): Output {
    const progress = this.#progressOf(variable);
    let node = progress.reads[0];
    if (node === undefined) {
      node = this.#graph.add(`${this.#name}/${variable.name}`, 'ReadVariableOp', {
        inputs: [{ node: variable.handle, index: 0 }],
        controls: progress.lastWrite === undefined ? [] : [progress.lastWrite],
        attributes: [['dtype', { kind: 'type', value: variable.type }]],
        outputs: [{ shape: variable.shape, type: variable.type }],
      });
      progress.reads.push(node);
    }
    return { node, index: 0 };
  }

  #progressOf(variable: GraphVariable): VariableProgress {
    let progress = this.#progress.get(variable);
    if (progress === undefined) {
      progress = { reads: [] };
      this.#progress.set(variable, progress);
    }
    return progress;
  }

  /**
   * Nodes that must run before a variable is written. They include the read of its first value,
   * which may be needed later.
   */
  #before(variable: GraphVariable): GraphNode[] {
    const data =
      variable.source.kind === 'variable'
        ? this.#initialData.get(variable.source.variable)
        : undefined;
    if (
      data !== undefined &&
      !this.#outputs.has(data) &&
      this.#progressOf(variable).lastWrite === undefined
    )
      this.#outputs.set(data, this.#read(variable));
    const { reads, lastWrite } = this.#progressOf(variable);
    return lastWrite === undefined ? reads : [...reads, lastWrite];
  }

  #wrote(variable: GraphVariable, node: GraphNode): void {
    this.#progress.set(variable, { reads: [], lastWrite: node });
    if (!this.#writes.includes(node)) this.#writes.push(node);
  }

  #orderAfter(x: tf.Tensor, dependency: tf.Tensor): tf.Tensor {
    const input = this.#outputOf(x);
    const spec = specOf(input);
    const node = this.#graph.add(`${this.#name}/after`, 'Identity', {
      inputs: [input],
      controls: [this.#outputOf(dependency).node],
      attributes: [['T', { kind: 'type', value: spec.type }]],
      outputs: [spec],
    });
    return this.#tensor({ node, index: 0 });
  }

  #cast(input: Output): Output {
    const { shape, type } = specOf(input);
    const attributes = [
      ['SrcT', { kind: 'type', value: type }],
      ['DstT', { kind: 'type', value: DataType.float32 }],
    ] as const;
    return {
      node: this.#graph.add(`${this.#name}/Cast`, 'Cast', {
        inputs: [input],
        attributes,
        outputs: [{ shape, type: DataType.float32 }],
      }),
      index: 0,
    };
  }

  /** A tensor for an output. The enclosing tidy owns it. */
  #tensor(output: Output): tf.Tensor {
    const tensor = this.#symbol(specOf(output));
    this.#outputs.set(tensor.dataId, output);
    return tensor;
  }

  /** A tensor without values. The enclosing tidy owns it. */
  #symbol({ shape, type }: OutputSpec): tf.Tensor {
    const dataId = {};
    this.#backend.tensorMap.set(dataId, {
      shape: [...shape],
      dtype: type,
      id: -1,
      values: null,
      refCount: 1,
    });
    return tf
      .engine()
      .makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: tfjsType(type) });
  }

  #refuseNewVariables(before: readonly tf.Variable[]): void {
    const known = new Set(before);
    const made = Object.values(tf.engine().registeredVariables).filter(
      (variable) => !known.has(variable),
    );
    if (made.length === 0) return;
    tf.dispose(made);
    throw this.#refusal(
      `it creates ${made.length} variables; call it once before compiling, or create them ` +
        'outside',
    );
  }

  #refusal(why: string, cause?: unknown): FixresEngineError {
    return new FixresEngineError(
      'not-compilable',
      `Function ${this.#name} cannot be compiled: ${why}.`,
      { cause },
    );
  }
}

function toAttribute({ name, type, value }: NativeAttribute): Attribute {
  if (type === AttributeKind.string) return { kind: 'string', value: String(value) };
  if (type === AttributeKind.type) return { kind: 'type', value: value as number };
  if (type === AttributeKind.shape) return { kind: 'shape', value: value as number[] };
  const list = Array.isArray(value);
  if (type === AttributeKind.int)
    return list
      ? { kind: 'ints', value: value as number[] }
      : { kind: 'int', value: value as number };
  if (type === AttributeKind.float)
    return list
      ? { kind: 'floats', value: value as number[] }
      : { kind: 'float', value: value as number };
  if (type === AttributeKind.bool) return { kind: 'bool', value: Boolean(value) };
  throw new FixresEngineError(
    'not-compilable',
    `Attribute ${name} is of kind ${type}, which cannot be compiled.`,
  );
}

/** The binding takes int64 values as pairs of int32. */
function nativeValues(
  values: Float32Array | Int32Array | Uint8Array | BigInt64Array,
): tf.TypedArray {
  return values instanceof BigInt64Array
    ? new Int32Array(values.buffer, values.byteOffset, values.length * 2)
    : values;
}
