import { arrayOf, type GraphBackend } from '../graph/graph-backend.ts';
import type { Graph, GraphNode } from '../graph/graph-node.ts';
import type { Fed, LoadedSession, NativeOutput } from '../graph/graph-session.ts';
import { graphBytes } from '../graph/saved-model/saved-model-proto.ts';
import { runOptions } from './messages.ts';
import { type Pointer, type TensorFlowLibrary, tensorflowLibrary } from './tensorflow-library.ts';

/** What a session of the cluster needs to know. */
export interface SessionPlace {
  /** The address of the server in this process, as sessions take it. */
  readonly target: string;
  /** TensorFlow's name of this process. */
  readonly task: string;
  /** A ConfigProto. */
  readonly config: Uint8Array;
  /** Milliseconds after which a run fails, because another process does not take part. */
  readonly stepTimeoutMs: number;
  /** The same for the first run of a function; see {@link ClusterSession.run}. */
  readonly firstTimeoutMs: number;
}

/** A graph in the server of this process, whose collective ops meet those of other processes. */
export class ClusterSession implements LoadedSession {
  readonly #backend: GraphBackend;
  readonly #library: TensorFlowLibrary;
  readonly #graph: Pointer;
  readonly #session: Pointer;
  readonly #options: { step: Pointer; first: Pointer };
  readonly #operations = new Map<string, Pointer>();
  /** What has run before, by the names of the outputs. */
  readonly #seen = new Set<string>();

  constructor(graph: Graph, backend: GraphBackend, place: SessionPlace) {
    this.#backend = backend;
    this.#library = tensorflowLibrary();
    const { api, checked } = this.#library;
    const bytes = graphBytes(graph);
    this.#graph = api.TF_NewGraph();
    const buffer = api.TF_NewBufferFromString(bytes, bytes.length);
    const importing = api.TF_NewImportGraphDefOptions();
    const options = api.TF_NewSessionOptions();
    try {
      api.TF_ImportGraphDefOptionsSetDefaultDevice(importing, place.task);
      checked((status) => api.TF_GraphImportGraphDef(this.#graph, buffer, importing, status));
      api.TF_SetTarget(options, place.target);
      checked((status) => api.TF_SetConfig(options, place.config, place.config.length, status));
      this.#session = checked((status) => api.TF_NewSession(this.#graph, options, status));
    } finally {
      api.TF_DeleteSessionOptions(options);
      api.TF_DeleteImportGraphDefOptions(importing);
      api.TF_DeleteBuffer(buffer);
    }
    const withTimeout = (milliseconds: number): Pointer => {
      const message = runOptions(milliseconds);
      return api.TF_NewBufferFromString(message, message.length);
    };
    this.#options = {
      step: withTimeout(place.stepTimeoutMs),
      first: withTimeout(place.firstTimeoutMs),
    };
  }

  /**
   * The first run of a function has a timeout of its own: TensorFlow optimises the graph in it, and the
   * others may still be on their way.
   *
   * @throws FixresEngineError `cluster-failed` if another process is gone, failed, or did not take
   * part in time
   */
  run(feeds: ReadonlyMap<GraphNode, Fed>, fetches: readonly GraphNode[]): NativeOutput[] {
    const { api, checked } = this.#library;
    const key = fetches.map(({ name }) => name).join();
    const options = this.#seen.has(key) ? this.#options.step : this.#options.first;
    const given: Pointer[] = [];
    try {
      for (const [node, fed] of feeds) given.push(this.#tensor(node, fed));
      const results = new BigUint64Array(fetches.length);
      const inputs = this.#outputs(feeds.keys());
      const outputs = this.#outputs(fetches);
      checked((status) =>
        api.TF_SessionRun(
          this.#session,
          options,
          inputs,
          BigUint64Array.from(given),
          given.length,
          outputs,
          results,
          results.length,
          0n,
          0,
          0n,
          status,
        ),
      );
      this.#seen.add(key);
      return Array.from(results, (tensor) => this.#taken(tensor));
    } finally {
      for (const tensor of given) api.TF_DeleteTensor(tensor);
    }
  }

  dispose(): void {
    const { api, checked } = this.#library;
    checked((status) => api.TF_CloseSession(this.#session, status));
    checked((status) => api.TF_DeleteSession(this.#session, status));
    api.TF_DeleteGraph(this.#graph);
    for (const buffer of Object.values(this.#options)) api.TF_DeleteBuffer(buffer);
  }

  /** A tensor with a copy of what is fed to a node. The caller deletes it. */
  #tensor(node: GraphNode, fed: Fed): Pointer {
    const { shape, type } = node.outputs[0]!;
    const values = typeof fed === 'number' ? this.#backend.binding.tensorDataSync(fed) : fed;
    const sizes = BigInt64Array.from(shape, BigInt);
    const tensor = this.#library.api.TF_AllocateTensor(
      type,
      sizes,
      sizes.length,
      values.byteLength,
    );
    this.#library
      .memoryOf(tensor)
      .set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return tensor;
  }

  /** Moves a tensor to the engine. */
  #taken(tensor: Pointer): NativeOutput {
    const { api } = this.#library;
    const dtype = api.TF_TensorType(tensor);
    const shape = Array.from({ length: api.TF_NumDims(tensor) }, (_, axis) =>
      Number(api.TF_Dim(tensor, axis)),
    );
    const { buffer } = this.#library.memoryOf(tensor).slice();
    const id = this.#backend.binding.createTensor(shape, dtype, new (arrayOf(dtype))(buffer));
    api.TF_DeleteTensor(tensor);
    return { id, shape, dtype };
  }

  /** An array of TF_Output: the address of an operation, and an index, which is 0 here. */
  #outputs(nodes: Iterable<GraphNode>): BigUint64Array {
    return BigUint64Array.from(Array.from(nodes, ({ name }) => [this.#operation(name), 0n]).flat());
  }

  #operation(name: string): Pointer {
    let operation = this.#operations.get(name);
    if (operation === undefined) {
      operation = this.#library.api.TF_GraphOperationByName(this.#graph, name);
      this.#operations.set(name, operation);
    }
    return operation;
  }
}
