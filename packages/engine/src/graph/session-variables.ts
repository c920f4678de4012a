import * as tf from '@tensorflow/tfjs-core';
import { collectGarbage } from './collect-garbage.ts';
import { FixresEngineError } from '../errors.ts';
import {
  AttributeKind,
  DataType,
  type GraphBackend,
  type NativeData,
  tfjsType,
} from './graph-backend.ts';
import type { Graph, GraphNode } from './graph-node.ts';
import type { LoadedSession } from './graph-session.ts';
import { assignResource, type GraphVariable, readResource } from './graph-variables.ts';

/** Numbers whose memory is worth a collection, which takes some milliseconds. */
const MANY = 2 ** 22;

/** A variable with the nodes that read and set it. */
interface Entry {
  readonly variable: GraphVariable;
  readonly read: GraphNode;
  readonly fed: GraphNode;
  readonly assign: GraphNode;
  readonly assigned: GraphNode;
  /** Replaces the data of the tfjs tensor while the value is in the session. */
  lent: LentData | undefined;
}

/**
 * Keeps the values of a graph's variables in the session, and keeps tfjs consistent with them.
 *
 * While the session has a value, the tfjs variable uses no memory. A reader (an op, `dataSync`,
 * saving the model) gets the current value; it shares the session's memory without a copy.
 * Assignments to the variable are detected before the next run, and the new value moves into the
 * session. The handles of resource variables (the slots of optimisers) are treated in the same way.
 */
export class SessionVariables {
  readonly #backend: GraphBackend;
  readonly #entries: Entry[];
  /** Sets all variables. */
  readonly #assignedAll: GraphNode;
  readonly #derive: GraphNode | undefined;
  #session: LoadedSession | undefined;

  /**
   * Adds the nodes it needs to the graph. Values move only when {@link takeOver} is called.
   *
   * @param derive computes what depends on variables alone, from `hoistWeights`
   */
  constructor(
    graph: Graph,
    variables: readonly GraphVariable[],
    derive: GraphNode | undefined,
    backend: GraphBackend,
  ) {
    this.#backend = backend;
    this.#derive = derive;
    // A run must fetch outputs, and an assignment has none.
    const zero = graph.ints([0]);
    const after = (name: string, controls: GraphNode[]): GraphNode =>
      graph.add(name, 'Identity', {
        inputs: [zero],
        controls,
        attributes: [['T', { kind: 'type', value: DataType.int32 }]],
        outputs: [{ shape: [1], type: DataType.int32 }],
      });
    this.#entries = variables.map((variable) => {
      const { name, shape, type, handle } = variable;
      const dtype = [['dtype', { kind: 'type', value: type }]] as const;
      const input = { node: handle, index: 0 };
      const read = graph.add(`${name}/read`, 'ReadVariableOp', {
        inputs: [input],
        attributes: dtype,
        outputs: [{ shape, type }],
      });
      const fed = graph.add(`${name}/fed`, 'Placeholder', {
        attributes: [...dtype, ['shape', { kind: 'shape', value: shape }]],
        outputs: [{ shape, type }],
      });
      const assign = graph.add(`${name}/assign`, 'AssignVariableOp', {
        inputs: [input, { node: fed, index: 0 }],
        attributes: dtype,
      });
      const assigned = after(`${name}/assigned`, [assign]);
      return { variable, read, fed, assign, assigned, lent: undefined };
    });
    this.#assignedAll = after(
      'assigned',
      this.#entries.map(({ assign }) => assign),
    );
  }

  open(session: LoadedSession): void {
    this.#session = session;
  }

  /**
   * Moves values from tfjs into the session: all of them the first time, later those that were
   * assigned since.
   *
   * @throws FixresEngineError `bad-graph-call` if the variables of the optimiser have changed
   */
  takeOver(): void {
    const { binding } = this.#backend;
    const feeds = new Map<GraphNode, number>();
    const taken: { entry: Entry; done: () => void }[] = [];
    for (const entry of this.#entries) {
      const { source } = entry.variable;
      if (source.kind === 'variable') {
        const { variable } = source;
        if (variable.isDisposed || this.#isLent(entry, variable.dataId)) continue;
        feeds.set(entry.fed, this.#backend.getInputTensorIds([variable])[0]!);
        taken.push({
          entry,
          done: () => {
            this.#lendVariable(entry, variable);
          },
        });
      } else {
        const { handle } = source;
        if (handle.isDisposed)
          throw new FixresEngineError(
            'bad-graph-call',
            'An optimiser was disposed or got another state after its step was compiled; compile it again.',
          );
        if (this.#isLent(entry, handle.dataId) && !entry.lent!.isReal) continue;
        const value = readResource(this.#backend, handle);
        feeds.set(entry.fed, value.id);
        taken.push({
          entry,
          done: () => {
            binding.deleteTensor(value.id);
            this.#lendHandle(entry, handle);
          },
        });
      }
    }
    if (taken.length === 0) return;
    const outputs = this.#session!.run(
      feeds,
      taken.length === this.#entries.length
        ? [this.#assignedAll]
        : taken.map(({ entry }) => entry.assigned),
    );
    for (const { id } of outputs) binding.deleteTensor(id);
    for (const { done } of taken) done();
    const numbers = taken.reduce(
      (sum, { entry }) => sum + tf.util.sizeFromShape(entry.variable.shape),
      0,
    );
    if (numbers >= MANY) collectGarbage();
    if (this.#derive === undefined) return;
    for (const { id } of this.#session!.run(new Map(), [this.#derive])) binding.deleteTensor(id);
  }

  /**
   * Call this before a run that changes variables: readers of the current values get their own
   * copy.
   */
  beforeWrite(): void {
    if (this.#entries.some(({ lent }) => lent !== undefined && !lent.isReal && lent.refCount > 1))
      this.#fetch('variable');
    for (const entry of this.#entries) {
      const { source } = entry.variable;
      if (source.kind !== 'variable' || source.variable.isDisposed || !entry.lent?.isReal) continue;
      if (entry.lent.refCount > 1) this.#lendVariable(entry, source.variable);
      else entry.lent.forget();
    }
  }

  /** Returns all values to tfjs. */
  giveBack(): void {
    this.#fetch('variable');
    this.#fetch('resource');
    for (const entry of this.#entries) entry.lent = undefined;
  }

  #isLent(entry: Entry, dataId: object): boolean {
    return entry.lent !== undefined && this.#backend.tensorMap.get(dataId) === entry.lent;
  }

  #lendVariable(entry: Entry, variable: tf.Variable): void {
    const { shape, type } = entry.variable;
    entry.lent = new LentData(shape, type, this.#backend, () => {
      this.#fetch('variable');
    });
    const dataId = {};
    this.#backend.tensorMap.set(dataId, entry.lent);
    const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: tfjsType(type) });
    variable.assign(tensor);
    tensor.dispose();
    entry.lent.isArmed = true;
  }

  #lendHandle(entry: Entry, handle: tf.TensorInfo): void {
    const { binding, tensorMap } = this.#backend;
    const { id, refCount } = tensorMap.get(handle.dataId)!;
    binding.executeOp('DestroyResourceOp', [], [id], 0);
    binding.deleteTensor(id);
    entry.lent = new LentData([], DataType.resource, this.#backend, () => {
      this.#fetch('resource');
    });
    entry.lent.refCount = refCount;
    entry.lent.isArmed = true;
    tensorMap.set(handle.dataId, entry.lent);
  }

  /** Fetches the values of all variables or resources that tfjs does not have. */
  #fetch(kind: 'variable' | 'resource'): void {
    const wanted = this.#entries.filter(
      ({ variable: { source }, lent }) =>
        source.kind === kind && lent !== undefined && !lent.isReal && isAlive(source),
    );
    if (wanted.length === 0) return;
    const values = this.#session!.run(
      new Map(),
      wanted.map(({ read }) => read),
    );
    wanted.forEach((entry, i) => {
      const { id } = values[i]!;
      if (kind === 'variable') {
        entry.lent!.realId = id;
        return;
      }
      entry.lent!.realId = this.#newResource(entry.variable);
      assignResource(this.#backend, entry.lent!.realId, id);
      this.#backend.binding.deleteTensor(id);
    });
  }

  #newResource({ shape, type }: GraphVariable): number {
    resourceCount += 1;
    const attributes = [
      { name: 'dtype', type: AttributeKind.type, value: type },
      { name: 'shape', type: AttributeKind.shape, value: shape },
      { name: 'container', type: AttributeKind.string, value: '' },
      { name: 'shared_name', type: AttributeKind.string, value: `fixres_session_${resourceCount}` },
    ];
    return this.#backend.binding.executeOp('VarHandleOp', attributes, [], 1)[0]!.id;
  }
}

let resourceCount = 0;

function isAlive(source: GraphVariable['source']): boolean {
  return source.kind === 'variable' ? !source.variable.isDisposed : !source.handle.isDisposed;
}

/** An entry in the backend's table for data in a session; fetches the data on access. */
class LentData implements NativeData {
  readonly shape: number[];
  readonly dtype: number;
  readonly values = null;
  refCount = 1;
  realId: number | undefined;
  /**
   * Disposing one of several references also reads the id; until this is set, reading fetches
   * nothing.
   */
  isArmed = false;
  readonly #backend: GraphBackend;
  readonly #fetch: () => void;

  constructor(shape: number[], dtype: number, backend: GraphBackend, fetch: () => void) {
    this.shape = shape;
    this.dtype = dtype;
    this.#backend = backend;
    this.#fetch = fetch;
  }

  get id(): number {
    if (this.realId === undefined && this.isArmed) this.#fetch();
    return this.realId ?? -1;
  }

  /** Whether tfjs currently has the data. */
  get isReal(): boolean {
    return this.realId !== undefined;
  }

  forget(): void {
    if (this.realId !== undefined) this.#backend.binding.deleteTensor(this.realId);
    this.realId = undefined;
  }
}
