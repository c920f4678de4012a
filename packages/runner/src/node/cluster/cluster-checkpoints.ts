import type { ArmCheckpoint, CheckpointStore, FinishedArm } from '@fixres/runs';
import type { TrainingCluster } from '../../cluster/training-cluster.ts';

/**
 * Checkpoints of a training on several processes. The first process reads and writes them; the
 * others receive what it reads, and go on when it has written. Nothing is saved unless all have the
 * same numbers.
 */
export class ClusterCheckpoints implements CheckpointStore {
  readonly #cluster: TrainingCluster;
  readonly #store: CheckpointStore | undefined;
  /** Arms and seeds whose frozen weights were compared. */
  readonly #compared = new Set<string>();

  /** @param store that of the first process; undefined in the others */
  constructor(cluster: TrainingCluster, store: CheckpointStore | undefined) {
    this.#cluster = cluster;
    this.#store = store;
  }

  async load(arm: string, seed: number): Promise<ArmCheckpoint | undefined> {
    return this.#cluster.share(await this.#store?.load(arm, seed));
  }

  async save(arm: string, seed: number, checkpoint: ArmCheckpoint): Promise<void> {
    const { progress, state, frozen } = checkpoint;
    const trained = JSON.stringify([arm, seed]);
    const isNew = !this.#compared.has(trained);
    this.#cluster.requireEqual(
      new Map([...state].filter(([name]) => isNew || !frozen?.has(name))),
      `epoch ${progress.epoch + 1}, step ${progress.step}`,
    );
    this.#compared.add(trained);
    await this.#store?.save(arm, seed, checkpoint);
    this.#wait();
  }

  async loadFinished(arm: string, seed: number): Promise<FinishedArm | undefined> {
    return this.#cluster.share(await this.#store?.loadFinished(arm, seed));
  }

  async saveFinished(arm: string, seed: number, finished: FinishedArm): Promise<void> {
    await this.#store?.saveFinished(arm, seed, finished);
    this.#wait();
  }

  /** Until all are here: a step has less time than writing may take. */
  #wait(): void {
    this.#cluster.exchange(new Uint8Array(0));
  }
}
