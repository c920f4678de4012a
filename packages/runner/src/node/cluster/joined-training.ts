import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Cluster } from '@fixres/engine/cluster';
import type { ClusterSettings, StateArrays } from '@fixres/runs';
import { isInterruption } from '@fixres/runs/node';
import { type TrainingCluster, VOTES } from '../../cluster/training-cluster.ts';
import { FixresRunnerError } from '../../errors.ts';

export interface JoinedTrainingOptions {
  settings: ClusterSettings;
  /** The signal that interrupts this process. Once fired, all processes stop after the same step. */
  signal: AbortSignal;
  /** Called when all stop, because one was interrupted. Fires `signal`, if it has not fired yet. */
  interrupt: () => void;
}

/** Length of a hash that is compared. */
const HASH_BYTES = 16;

/** The processes of a cluster in one training. */
export class JoinedTraining implements TrainingCluster {
  readonly rank: number;
  readonly ranks: number;
  /** Set before the training begins: the first process decides. */
  settings: ClusterSettings;
  readonly openSession: TrainingCluster['openSession'];
  readonly #cluster: Cluster;
  readonly #options: JoinedTrainingOptions;
  readonly #controller = new AbortController();
  #wantsToSave = false;
  #isSaving = false;
  /** Whether this process takes no more part. */
  #hasEnded = false;

  constructor(cluster: Cluster, options: JoinedTrainingOptions) {
    this.rank = cluster.rank;
    this.ranks = cluster.ranks;
    this.settings = options.settings;
    this.openSession = cluster.openSession;
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Fires on all processes at the same place. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Number of processes on the machine of this one, by the hosts of their addresses. */
  get processesHere(): number {
    const hosts = this.#cluster.addresses.map((address) => address.replace(/:\d+$/, ''));
    return hosts.filter((host) => host === hosts[this.rank]).length;
  }

  createReducer(): ReturnType<TrainingCluster['createReducer']> {
    return this.#cluster.createReducer();
  }

  votes(): Float32Array {
    return Float32Array.of(Number(this.#options.signal.aborted), Number(this.#wantsToSave));
  }

  count([stop, save]: Float32Array): void {
    this.#isSaving = save! > 0;
    if (stop! > 0) this.#stop();
  }

  vote(): void {
    const all = this.#cluster.exchange(new Uint8Array(this.votes().buffer), 'step');
    const votes = new Float32Array(VOTES);
    for (const { buffer } of all)
      for (const [i, vote] of new Float32Array(buffer).entries()) votes[i]! += vote / this.ranks;
    this.count(votes);
  }

  agreeOnSaving(isDue: boolean): boolean {
    this.#wantsToSave = isDue && !this.#isSaving;
    return this.#isSaving;
  }

  readonly exchange = (bytes: Uint8Array): Uint8Array[] => {
    const message = new Uint8Array(1 + bytes.length);
    message[0] = Number(this.#options.signal.aborted);
    message.set(bytes, 1);
    const all = this.#cluster.exchange(message);
    if (all.some(([wantsToStop]) => wantsToStop === 1)) this.#stop();
    return all.map((one) => one.slice(1));
  };

  /** @throws the reason of the signal, in all processes, if one of them was interrupted */
  share<T>(value: T): T {
    const [first] = this.exchange(this.rank === 0 ? serialize(value) : new Uint8Array(0));
    // An interrupted process has nothing to give.
    this.signal.throwIfAborted();
    return deserialize(first!) as T;
  }

  differing(state: StateArrays): string[] {
    const all = this.#hashes(state);
    return [...state.keys()].filter((_, n) =>
      all.some((hashes) => !isSameHash(hashes, all[0]!, n)),
    );
  }

  requireEqual(state: StateArrays, when: string): void {
    const names = [...state.keys()];
    const [first, ...others] = this.#hashes(state);
    for (const [i, other] of others.entries()) {
      if (other.equals(first!)) continue;
      const at = names.findIndex((_, n) => !isSameHash(other, first!, n));
      throw new FixresRunnerError(
        'processes-differ',
        `Process ${i + 1} (${this.#cluster.addresses[i + 1]}) has other numbers in "${names[at] ?? 'its state'}" than process 0 at ${when}; nothing is saved.`,
      );
    }
  }

  /** The hashes of all processes, by rank: one of each array after another. */
  #hashes(state: StateArrays): Buffer[] {
    const hashes = Buffer.concat(
      Array.from(state.values(), ({ values: { buffer, byteOffset, byteLength } }) =>
        createHash('sha256')
          .update(new Uint8Array(buffer, byteOffset, byteLength))
          .digest()
          .subarray(0, HASH_BYTES),
      ),
    );
    return this.exchange(hashes).map((bytes) => Buffer.from(bytes));
  }

  /**
   * Does a part of a session. If it fails, this process takes no more part: the error of a step gets
   * the processes that do not answer. If this process is interrupted before the training begins, the
   * others receive it in their next exchange, so that all end as interrupted, and none before all
   * know. Parts can contain parts.
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#hasEnded) throw error;
      if (!isInterruption(error, this.#options.signal)) {
        this.#hasEnded = true;
        throw await this.#cluster.explain(error);
      }
      // In a training, only a signal that all have received interrupts.
      if (!this.signal.aborted) this.#tellInterruption();
      this.leave();
      throw error;
    }
  }

  /**
   * Waits until all processes have done everything together. Call it after the last exchange, at the
   * same place in all.
   */
  leave(): void {
    this.#hasEnded = true;
    this.#cluster.leave();
  }

  #tellInterruption(): void {
    try {
      this.exchange(new Uint8Array(0));
    } catch {
      // The others are gone; this process was interrupted all the same.
    }
  }

  #stop(): void {
    this.#options.interrupt();
    this.#controller.abort(this.#options.signal.reason);
  }
}

/** Whether two processes have the same hash of the n-th array. */
function isSameHash(a: Buffer, b: Buffer, n: number): boolean {
  const [from, to] = [n * HASH_BYTES, (n + 1) * HASH_BYTES];
  return a.subarray(from, to).equals(b.subarray(from, to));
}

/** Does a part of a session, alone or as one of several processes; see {@link JoinedTraining.during}. */
export function takingPart<T>(
  cluster: JoinedTraining | undefined,
  work: () => Promise<T>,
): Promise<T> {
  return cluster === undefined ? work() : cluster.during(work);
}
