import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';
import { oneDnnInUse } from '../native/one-dnn-in-use.ts';
import { registerWinograd } from '../native/winograd.ts';
import { convolutionsAsProducts } from './convolutions-as-products.ts';
import {
  arrayOf,
  DataType,
  graphBackend,
  type GraphBackend,
  tensorflowType,
} from './graph-backend.ts';
import { constantValue, Graph, type GraphNode, type Output, specOf } from './graph-node.ts';
import {
  type Fed,
  GraphSession,
  type LoadedSession,
  type SessionFactory,
} from './graph-session.ts';
import { GraphVariables } from './graph-variables.ts';
import { foldBatchNorm } from './inference/fold-batch-norm.ts';
import { fuseBias } from './inference/fuse-bias.ts';
import { hoistWeights } from './inference/hoist-weights.ts';
import { mergePadding } from './inference/merge-padding.ts';
import {
  type InputSpec,
  type RecordedFunction,
  recordFunction,
  type TensorFunction,
} from './record-function.ts';
import { SessionVariables } from './session-variables.ts';
import { toBfloat16 } from './to-bfloat16.ts';
import { convolutionsByWinograd } from './winograd/convolutions-by-winograd.ts';
import { winogradConvolution } from './winograd/winograd-convolution.ts';

/** A function to compile, with the shapes of its arguments. */
export interface GraphFunction {
  inputs: Readonly<Record<string, InputSpec>>;
  run: TensorFunction;
}

/** The value of an input: a tensor, or numbers in the order of its shape. */
export type InputValue = tf.Tensor | Float32Array | Int32Array | Uint8Array | number;

/** Type in which the heavy part of a graph computes. */
export type Precision = 'float32' | 'bfloat16';

export interface CompileOptions {
  /** See `toBfloat16`. Default `float32`. */
  precision?: Precision;
  /**
   * Where the graph runs. Default: in TensorFlow of this process alone. Functions that exchange
   * numbers with other processes need that of a `Cluster` (`@fixres/engine/cluster`).
   */
  openSession?: SessionFactory | undefined;
}

/** Functions that each run as one TensorFlow graph and share their variables. */
export interface CompiledGraph {
  /**
   * Runs a function.
   *
   * @returns its outputs by name; the caller (or the enclosing tidy) disposes them
   * @throws FixresEngineError `bad-graph-call`
   */
  run(name: string, inputs: Readonly<Record<string, InputValue>>): Record<string, tf.Tensor>;
  /**
   * The type in which an output was computed: values of `bfloat16` are bfloat16 numbers, passed on in
   * float32.
   *
   * @throws FixresEngineError `bad-graph-call`
   */
  precisionOf(name: string, output: string): Precision;
  /** Returns the values of the variables to tfjs and frees the graph. */
  dispose(): void;
}

/**
 * Compiles functions over tensors and tf.Variables into graphs of TensorFlow that run with one call each, on the native engine.
 * Training steps gain most: tfjs executes them as thousands of small calls.
 *
 * The values of the variables move into the graph's session, where all the functions find them, and leave tfjs's memory. They can
 * be read and assigned as before at any time. Other numbers that a function uses and does not get as an input are constants.
 *
 * What depends only on variables that no function writes is computed once per assignment: batch normalisation in inference mode
 * is folded into the convolution before it, unless TensorFlow computes both as one op. The results are the same up to rounding.
 *
 * @throws FixresEngineError `not-compilable`, `engine-unavailable`
 */
export function compileGraph(
  functions: Readonly<Record<string, GraphFunction>>,
  {
    precision = 'float32',
    openSession = (graph, backend) => new GraphSession(graph, backend),
  }: CompileOptions = {},
): CompiledGraph {
  const backend = graphBackend();
  const graph = new Graph();
  const variables = new GraphVariables(graph, backend);
  const recorded = new Map<string, RecordedFunction>();
  const nodes = new Map<string, readonly GraphNode[]>();
  for (const [name, { inputs, run }] of Object.entries(functions)) {
    const from = graph.nodes.length;
    recorded.set(name, recordFunction(name, inputs, run, { graph, variables, backend }));
    nodes.set(name, graph.nodes.slice(from));
  }
  assertAllRepeatable(functions, nodes, backend);
  const oneDnn = !backend.isUsingGpuDevice && oneDnnInUse();
  const hasWinograd = !backend.isUsingGpuDevice && registerWinograd();
  const byWinograd = (node: GraphNode): boolean =>
    hasWinograd && winogradConvolution(node, { oneDnn }) !== undefined;
  foldBatchNorm(graph, {
    isFusedByTensorFlow: (node) => precision === 'float32' && oneDnn && !byWinograd(node),
  });
  if (precision === 'bfloat16') toBfloat16(graph);
  if (!backend.isUsingGpuDevice) {
    convolutionsAsProducts(graph, byWinograd);
    mergePadding(graph);
    fuseBias(graph, { oneDnn, byWinograd });
    if (hasWinograd) convolutionsByWinograd(graph, { oneDnn });
  }
  const derive = hoistWeights(graph);
  const held = new SessionVariables(graph, variables.all, derive, backend);
  return new LoadedGraph(openSession(graph, backend), recorded, held, backend);
}

/**
 * Functions with the same code, for example for several batch sizes, are checked once, with the
 * smallest.
 *
 * @param recorded the nodes of each function
 */
function assertAllRepeatable(
  functions: Readonly<Record<string, GraphFunction>>,
  recorded: ReadonlyMap<string, readonly GraphNode[]>,
  backend: GraphBackend,
): void {
  const checked = new Set<TensorFunction>();
  const ascending = Object.entries(functions).sort(([, a], [, b]) => elements(a) - elements(b));
  for (const [name, each] of ascending) {
    if (!checked.has(each.run)) assertRepeatable(name, each, recorded.get(name)!, backend);
    checked.add(each.run);
  }
}

/**
 * Values drawn in JavaScript during recording would be the same in every run of the graph. A second
 * recording reveals them.
 *
 * @throws FixresEngineError `not-compilable`
 */
function assertRepeatable(
  name: string,
  { inputs, run }: GraphFunction,
  recorded: readonly GraphNode[],
  backend: GraphBackend,
): void {
  const graph = new Graph();
  const variables = new GraphVariables(graph, backend);
  recordFunction(name, inputs, run, { graph, variables, backend });
  // Functions share variables and constants; the first one that uses them adds them.
  const [one, other] = [recorded, graph.nodes].map((nodes) =>
    nodes.filter(({ op }) => op !== 'VarHandleOp' && op !== 'Const'),
  );
  const differs = one!.find((node, i) => !isSame(node, other![i]));
  if (differs === undefined && one!.length === other!.length) return;
  const message = `Function ${name} cannot be compiled: it computes with other numbers each time (${differs?.name ?? 'more ops'}). Numbers that change must be inputs, random ones drawn by kernels.`;
  throw new FixresEngineError('not-compilable', message);
}

/** Whether two nodes compute the same, with the same constants. */
function isSame(a: GraphNode, b: GraphNode | undefined): boolean {
  return (
    a.op === b?.op &&
    a.inputs.length === b.inputs.length &&
    a.inputs.every((input, i) => sameValues(input, b.inputs[i]!))
  );
}

function sameValues(a: Output, b: Output): boolean {
  const [one, other] = [constantValue(a), constantValue(b)];
  if (one === undefined || other === undefined) return one === other;
  const bytes = ({ values: { buffer, byteOffset, byteLength } }: typeof one): Uint8Array =>
    new Uint8Array(buffer, byteOffset, byteLength);
  return Buffer.compare(bytes(one), bytes(other)) === 0;
}

function elements({ inputs }: GraphFunction): number {
  return Object.values(inputs).reduce(
    (sum, { shape }) => sum + tf.util.sizeFromShape([...shape]),
    0,
  );
}

class LoadedGraph implements CompiledGraph {
  readonly #functions: ReadonlyMap<string, RecordedFunction>;
  readonly #variables: SessionVariables;
  readonly #backend: GraphBackend;
  readonly #session: LoadedSession;
  #disposed = false;

  constructor(
    session: LoadedSession,
    functions: ReadonlyMap<string, RecordedFunction>,
    variables: SessionVariables,
    backend: GraphBackend,
  ) {
    this.#functions = functions;
    this.#variables = variables;
    this.#backend = backend;
    this.#session = session;
    variables.open(this.#session);
  }

  run(name: string, values: Readonly<Record<string, InputValue>>): Record<string, tf.Tensor> {
    if (this.#disposed)
      throw new FixresEngineError('bad-graph-call', `The graph of ${name} was disposed.`);
    const called = this.#function(name);
    const held: tf.Tensor[] = [];
    try {
      const feeds = new Map<GraphNode, Fed>();
      for (const [input, node] of called.inputs) {
        const what = `${name}: input ${input}`;
        const value = values[input];
        // An input can be a variable of the graph; its data would be swapped out before the graph
        // runs.
        if (value instanceof tf.Tensor) held.push(value.clone());
        feeds.set(node, this.#nativeInput(what, node, value));
      }
      this.#variables.takeOver();
      if (called.writes) this.#variables.beforeWrite();
      const outputs = this.#session.run(feeds, [...called.outputs.values()]);
      return Object.fromEntries(
        [...called.outputs.keys()].map((output, i) => [
          output,
          this.#backend.createOutputTensor(outputs[i]!),
        ]),
      );
    } finally {
      tf.dispose(held);
    }
  }

  precisionOf(name: string, output: string): Precision {
    const { outputs } = this.#function(name);
    const identity = outputs.get(output);
    if (identity === undefined)
      throw new FixresEngineError(
        'bad-graph-call',
        `Function ${name} has no output ${output}; it has ${[...outputs.keys()].join(', ')}.`,
      );
    const { op, inputs } = identity.inputs[0]!.node;
    return op === 'Cast' && specOf(inputs[0]!).type === DataType.bfloat16 ? 'bfloat16' : 'float32';
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#variables.giveBack();
    this.#session.dispose();
  }

  #function(name: string): RecordedFunction {
    const found = this.#functions.get(name);
    if (found !== undefined) return found;
    const known = [...this.#functions.keys()].join(', ');
    throw new FixresEngineError(
      'bad-graph-call',
      `The graph has no function ${name}; it has ${known}.`,
    );
  }

  #nativeInput(what: string, node: GraphNode, value: InputValue | undefined): Fed {
    const { shape, type } = node.outputs[0]!;
    if (value instanceof tf.Tensor) {
      if (tf.util.arraysEqual([...value.shape], [...shape]) && tensorflowType(value.dtype) === type)
        return this.#backend.getInputTensorIds([value])[0]!;
      throw new FixresEngineError(
        'bad-graph-call',
        `${what} is a tensor of type ${value.dtype} and shape [${value.shape.join()}]; it must be ${describe(type)}, [${shape.join()}].`,
      );
    }
    const values =
      typeof value === 'number'
        ? type === DataType.int32
          ? Int32Array.of(value)
          : Float32Array.of(value)
        : value;
    if (
      values?.length !== tf.util.sizeFromShape([...shape]) ||
      !(values instanceof arrayOf(type))
    ) {
      const received =
        values === undefined ? 'missing' : `a ${values.constructor.name} of ${values.length}`;
      throw new FixresEngineError(
        'bad-graph-call',
        `${what} is ${received}; it must be ${describe(type)}, [${shape.join()}].`,
      );
    }
    return values;
  }
}

function describe(type: number): string {
  return Object.entries(DataType).find(([, number]) => number === type)![0];
}
