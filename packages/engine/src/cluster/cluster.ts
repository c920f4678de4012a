import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';
import { type CompiledGraph, compileGraph, type GraphFunction } from '../graph/compile-graph.ts';
import { graphBackend } from '../graph/graph-backend.ts';
import type { SessionFactory } from '../graph/graph-session.ts';
import { ClusterSession } from './cluster-session.ts';
import { checkTask, type ClusterTask } from './cluster-task.ts';
import { configProto, serverDef, taskName } from './messages.ts';
import { Reducer } from './reducer.ts';
import { tensorflowLibrary } from './tensorflow-library.ts';
import { unansweringRanks } from './unanswering-ranks.ts';

export interface JoinOptions {
  /**
   * Seconds after which a step fails, because another process does not take part in it. Default 30.
   */
  stepTimeout?: number | undefined;
  /**
   * The same in seconds for what comes before and between trainings: the start of the processes,
   * reading images, evaluations, writing files. Default 1800.
   */
  longTimeout?: number | undefined;
}

export const clusterDefaults = { stepTimeout: 30, longTimeout: 1800 } as const;

/** Numbers of reductions that each reducer has. */
const NUMBERS = 2 ** 14;

/** The reduction with which processes leave; those of reducers have other numbers. */
const LEAVING = 1;

/** int32 values of the messages of an exchange: all of them are sent, also those that nobody fills. */
const MESSAGES = [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20] as const;

/** How long an exchange may take: `stepTimeout` or `longTimeout`. */
export type Patience = 'step' | 'long';

/** How long the other processes have to answer, once a step has failed. */
const ANSWER_MS = 3000;

/**
 * Several processes that train one model together, seen from one of them. Each runs the same
 * program, and exchanges numbers with the others through TensorFlow's servers and collective ops:
 * rings over gRPC, or NVIDIA's library between cards.
 */
export class Cluster {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly ranks: number;
  /** `host:port` of every process, by rank. */
  readonly addresses: readonly string[];
  /** Loads graphs of training steps; see `compileGraph`. */
  readonly openSession: SessionFactory;
  readonly #openPatiently: SessionFactory;
  readonly #openBriefly: SessionFactory;
  readonly #stepTimeout: number;
  #firstFree = LEAVING + 1;
  readonly #messages = new Map<Patience, CompiledGraph>();

  /** @param server its address, as sessions take it, and the ConfigProto of its sessions */
  constructor(
    { addresses, rank }: ClusterTask,
    { target, config }: { target: string; config: Uint8Array },
    options: JoinOptions,
  ) {
    this.rank = rank;
    this.ranks = addresses.length;
    this.addresses = addresses;
    const { stepTimeout, longTimeout } = timeouts(options);
    this.#stepTimeout = stepTimeout;
    const opener =
      (seconds: number, first = longTimeout): SessionFactory =>
      (graph, backend) =>
        new ClusterSession(graph, backend, {
          target,
          task: taskName(rank),
          config,
          stepTimeoutMs: seconds * 1000,
          firstTimeoutMs: first * 1000,
        });
    this.openSession = opener(stepTimeout);
    this.#openPatiently = opener(longTimeout);
    this.#openBriefly = opener(stepTimeout, stepTimeout);
  }

  /** Reductions for one compiled graph. All processes must create theirs in the same order. */
  createReducer(): Reducer {
    const reducer = new Reducer(this.ranks, this.#firstFree);
    this.#firstFree += NUMBERS;
    return reducer;
  }

  /**
   * Gives bytes to all processes, and returns what each gave, by rank, to the bit. All must call it
   * at the same place. Blocks until all have.
   *
   * @param patience how long it may take: as a step, or as what comes between trainings. Default `long`
   * @throws FixresEngineError `cluster-failed`
   */
  exchange(bytes: Uint8Array, patience: Patience = 'long'): Uint8Array[] {
    // The first message has the lengths, and a place for the bytes of each process, if they are few.
    const place = Math.max(0, Math.floor((MESSAGES[0] - this.ranks) / this.ranks));
    const first = new Int32Array(this.ranks * (1 + place));
    const lengths = first.subarray(0, this.ranks);
    lengths[this.rank] = bytes.byteLength;
    const few = new Uint8Array(first.buffer, lengths.byteLength);
    if (bytes.byteLength <= 4 * place) few.set(bytes, 4 * place * this.rank);
    this.#sum(first, patience);
    if (lengths.every((length) => length <= 4 * place))
      return Array.from(lengths, (length, rank) =>
        few.slice(4 * place * rank, 4 * place * rank + length),
      );
    const starts: number[] = [];
    let end = 0;
    for (const length of lengths) {
      starts.push(end);
      end += Math.ceil(length / 4);
    }
    const all = new Int32Array(end);
    const view = new Uint8Array(all.buffer);
    view.set(bytes, 4 * starts[this.rank]!);
    this.#sum(all, patience);
    return starts.map((start, i) => view.slice(4 * start, 4 * start + lengths[i]!));
  }

  /**
   * Waits until all processes have come here, as long as a step may take. Call it before this process
   * ends without an error: what it sent last may not have reached the others yet, and they would fail.
   * Processes that do not come are no error.
   */
  leave(): void {
    const graph = compileGraph(
      { leave: messageOf(MESSAGES[0], new Reducer(this.ranks, LEAVING)) },
      { openSession: this.#openBriefly },
    );
    try {
      tf.dispose(graph.run('leave', { values: new Int32Array(MESSAGES[0]) }));
    } catch (error) {
      // Some have left, so all have come; or some are gone, and nobody needs this process.
      if (!(error instanceof FixresEngineError && error.code === 'cluster-failed')) throw error;
    } finally {
      graph.dispose();
    }
  }

  /**
   * An error of a step, with the processes that do not answer by their addresses; other errors as
   * they are. Call it before this process ends.
   */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof FixresEngineError && error.code === 'cluster-failed')) return error;
    const silent = await unansweringRanks(this, ANSWER_MS);
    const named = silent.map((rank) => `${rank} (${this.addresses[rank]})`).join(', ');
    const what =
      silent.length === 0
        ? `A process did not take part within ${this.#stepTimeout} s, or failed`
        : `Process ${named} of ${this.ranks} is gone, stopped or cannot be reached`;
    const [line = ''] = error.message.split('\n');
    return new FixresEngineError('cluster-failed', `${what}. TensorFlow: ${line.slice(0, 300)}`, {
      cause: error,
    });
  }

  /** Replaces values by their sums over all processes. */
  #sum(values: Int32Array, patience: Patience): void {
    let graph = this.#messages.get(patience);
    if (graph === undefined) {
      graph = this.#compileMessages(patience);
      this.#messages.set(patience, graph);
    }
    for (let from = 0; from < values.length;) {
      const size = messageSize(values.length - from);
      const part = values.subarray(from, from + size);
      const message = new Int32Array(size);
      message.set(part);
      const { sum } = graph.run(`${size}`, { values: message }) as { sum: tf.Tensor };
      part.set(sum.dataSync<'int32'>().subarray(0, part.length));
      sum.dispose();
      from += part.length;
    }
  }

  #compileMessages(patience: Patience): CompiledGraph {
    const functions = MESSAGES.map((size) => [`${size}`, messageOf(size, this.createReducer())]);
    return compileGraph(Object.fromEntries(functions) as Record<string, GraphFunction>, {
      openSession: patience === 'step' ? this.openSession : this.#openPatiently,
    });
  }
}

/** The largest message of which this many values fill at least half, or the smallest one. */
function messageSize(values: number): number {
  return MESSAGES.findLast((size) => size <= 2 * values) ?? MESSAGES[0];
}

/** The sum of int32 values over all processes. */
function messageOf(length: number, reducer: Reducer): GraphFunction {
  return {
    inputs: { values: { shape: [length], dtype: 'int32' } },
    run: ({ values }) => {
      reducer.restart();
      return { sum: reducer.sum(values!) };
    },
  };
}

let joined: ClusterTask | undefined;

/**
 * Starts the server of this process, which listens until the process ends; TensorFlow has no way to
 * stop it. Does not wait for the others. The native engine must be in use.
 *
 * There is no authentication: whoever reaches the port can use the server.
 *
 * @throws FixresEngineError `bad-option`; `engine-unavailable` if this engine cannot; `cluster-failed`
 * if the port is in use
 */
export function joinCluster(task: ClusterTask, options: JoinOptions = {}): Cluster {
  timeouts(options);
  const { addresses, rank } = checkTask(task, 'The task');
  if (joined !== undefined)
    throw new FixresEngineError('bad-graph-call', 'This process is in a cluster already.');
  const config = configProto(rank, { gpu: graphBackend().isUsingGpuDevice });
  const { api, checked } = tensorflowLibrary();
  const definition = serverDef(task, config);
  try {
    const server = checked((status) => api.TF_NewServer(definition, definition.length, status));
    checked((status) => api.TF_ServerStart(server, status));
    joined = task;
    const target = api.TF_ServerTarget(server);
    return new Cluster({ addresses, rank }, { target, config }, options);
  } catch (cause) {
    const message = `Process ${rank} cannot listen at ${addresses[rank]}: ${(cause as Error).message}`;
    throw new FixresEngineError('cluster-failed', message, { cause });
  }
}

function timeouts(options: JoinOptions): { stepTimeout: number; longTimeout: number } {
  const { stepTimeout = clusterDefaults.stepTimeout, longTimeout = clusterDefaults.longTimeout } =
    options;
  for (const [name, seconds] of Object.entries({ stepTimeout, longTimeout })) {
    if (!(seconds >= 1 && seconds <= 86_400))
      throw new FixresEngineError(
        'bad-option',
        `Option ${name} is ${seconds}; it must be a number of seconds from 1 to 86400.`,
      );
  }
  return { stepTimeout, longTimeout };
}
