import { FixresRunsError } from '../errors.ts';
import type { Promotion } from '../experiment/names.ts';
import type { HalvingSettings } from './halving-settings.ts';

/** Training of an arm up to the epochs of a rung, from those of the rung before. */
export interface RungJob {
  /** Name of the arm, or of its trial. */
  trial: string;
  /** From 0. */
  rung: number;
}

/** What happened to a job, in the order in which it was recorded. */
export type RungEntry = RungJob & { worker: string } & (
    | { type: 'start' }
    /** `value`: what arms are compared by, larger is better; `null` if the training diverged. */
    | { type: 'end'; value: number | null }
    /** The job has no result, and can be started again. */
    | { type: 'failed'; problem: string }
  );

/** How far a trial is. */
export interface RungTrial {
  readonly name: string;
  /** The rung that it was started in last; -1 before. */
  readonly rung: number;
  readonly state: 'waiting' | 'started' | 'ended' | 'failed';
  /** Who started it last. */
  readonly worker: string | null;
  /** Of the rungs that ended. */
  readonly values: readonly (number | null)[];
  readonly problem: string | null;
}

type Writable = { -readonly [Key in keyof RungTrial]: RungTrial[Key] };

export interface RungHalvingOptions extends HalvingSettings {
  /** In the order in which they are started; of equal ones, the first is better. */
  trials: readonly string[];
  /** Number of rungs. */
  rungs: number;
  promotion: Promotion;
}

/**
 * Successive halving over epochs. The state follows from the entries alone, so a sweep that was killed makes the
 * decisions again that it has recorded, and then goes on.
 *
 * `next` is `get_job` of algorithm 2 of Li et al. 2020, "A System for Massively Parallel Hyperparameter
 * Tuning": of each rung, the best 1 / reduction of the arms that ended in it can be promoted, from the highest
 * rung down; if there is none, a new arm starts in the lowest. There is a fixed number of arms, so at last there
 * is no job.
 */
export class RungHalving {
  readonly #trials: Map<string, Writable>;
  readonly #options: RungHalvingOptions;

  constructor(options: RungHalvingOptions) {
    this.#options = options;
    this.#trials = new Map(
      options.trials.map((name) => [
        name,
        { name, rung: -1, state: 'waiting', worker: null, values: [], problem: null },
      ]),
    );
  }

  /** In the order of the options. */
  get trials(): readonly RungTrial[] {
    return [...this.#trials.values()];
  }

  /**
   * Adds what happened next.
   *
   * @throws FixresRunsError `bad-run` for an entry that does not follow from the earlier ones
   */
  add(entry: RungEntry): void {
    const trial = this.#trials.get(entry.trial);
    if (trial === undefined || !this.#isPossible(entry, trial))
      throw new FixresRunsError(
        'bad-run',
        `The record of halving is damaged: "${entry.type}" of trial "${entry.trial}" in rung ${entry.rung + 1} does not follow from what is recorded before.`,
      );
    const { rung, worker } = entry;
    switch (entry.type) {
      case 'start':
        Object.assign(trial, { rung, worker, state: 'started', problem: null });
        break;
      case 'end':
        Object.assign(trial, { state: 'ended', values: [...trial.values, entry.value] });
        break;
      case 'failed':
        Object.assign(trial, { state: 'failed', problem: entry.problem });
        break;
    }
  }

  /** The job to start now; undefined if there is none before another result. */
  next(): RungJob | undefined {
    for (let rung = this.#options.rungs - 2; rung >= 0; rung--) {
      const [best] = this.#promotable(rung);
      if (best) return { trial: best.name, rung: rung + 1 };
    }
    const fresh = this.trials.find(({ rung }) => rung === -1);
    return fresh && { trial: fresh.name, rung: 0 };
  }

  /** Whether nothing is left to do. */
  get isDecided(): boolean {
    return (
      this.trials.every(({ state }) => state !== 'started' && state !== 'failed') &&
      this.next() === undefined
    );
  }

  /** The arms that came furthest, best first: by rungs, then by their last value. Diverged ones are left out. */
  get survivors(): string[] {
    const known = this.trials.map(({ name, values }) => ({
      name,
      values: values.filter((value) => value !== null),
    }));
    return known
      .filter(({ values }) => values.length > 0)
      .sort((a, b) => b.values.length - a.values.length || b.values.at(-1)! - a.values.at(-1)!)
      .slice(0, this.#options.survivors)
      .map(({ name }) => name);
  }

  #isPossible(entry: RungEntry, { state, rung, worker }: RungTrial): boolean {
    const isOpen = entry.rung === rung && (state === 'started' || state === 'failed');
    if (entry.type !== 'start') return isOpen && state === 'started' && worker === entry.worker;
    // Another worker takes over what one has left.
    if (isOpen) return true;
    const next = this.next();
    return next?.trial === entry.trial && next.rung === entry.rung;
  }

  /** Arms of a rung that can go on to the next one, best first. */
  #promotable(rung: number): RungTrial[] {
    if (this.#options.promotion === 'synchronous' && !this.#isComplete(rung)) return [];
    const ended = this.trials.filter(({ values }) => values.length > rung);
    const valueOf = ({ values }: RungTrial): number => values[rung] ?? -Infinity;
    return ended
      .sort((a, b) => (valueOf(a) === valueOf(b) ? 0 : valueOf(b) - valueOf(a)))
      .slice(0, Math.floor(ended.length / this.#options.reduction))
      .filter((trial) => trial.rung === rung && valueOf(trial) > -Infinity);
  }

  /** Whether all arms that reach a rung are known in it. */
  #isComplete(rung: number): boolean {
    const isOver = this.trials.every((trial) => trial.rung < rung || trial.values.length > rung);
    if (rung === 0) return isOver && this.trials.every((trial) => trial.rung >= 0);
    return isOver && this.#isComplete(rung - 1) && this.#promotable(rung - 1).length === 0;
  }
}
