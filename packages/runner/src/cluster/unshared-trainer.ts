import type { FreezeHandle } from '@fixres/finetune';
import type { StateArrays } from '@fixres/runs';
import { frozenNames } from '../training/frozen-names.ts';
import { arrayOf } from '../training/model-weights.ts';
import type { Trainer } from '../training/trainer.ts';
import { type TrainingCluster, VOTES } from './training-cluster.ts';

/** Steps from one vote to the next. A vote takes longer than such a step. */
const STEPS_PER_VOTE = 32;

export interface UnsharedTrainerOptions {
  handle: Pick<FreezeHandle, 'model' | 'gradientVariables' | 'frozen'>;
  cluster: Pick<TrainingCluster, 'share' | 'differing' | 'vote' | 'count'>;
  /** Called the first time that processes have computed different numbers. */
  onWarning: (message: string) => void;
}

/**
 * The trainer of each of several processes that all take the same steps, on whole batches, instead of
 * sharing each. Every few steps they vote, and so notice if one of them is gone. When numbers are read,
 * they are compared: the engine can round otherwise in another process, and then all continue with
 * those of the first one.
 *
 * @param trainer of this process alone; it is disposed with the result
 */
export function unsharedTrainer(
  trainer: Trainer,
  { handle, cluster, onWarning }: UnsharedTrainerOptions,
): Trainer {
  const frozen = frozenNames(handle);
  let steps = 0;
  /** Whether no step was taken since the weights were compared. */
  let isCompared = true;
  let hasWarned = false;

  /** The state that all have: where numbers differ, those of the first process. */
  const agreedState = async (): Promise<StateArrays> => {
    const state = await trainer.state();
    isCompared = true;
    const names = cluster.differing(new Map([...state].filter(([name]) => !frozen.has(name))));
    if (names.length === 0) return state;
    if (!hasWarned)
      onWarning(
        `The processes computed different numbers, first in "${names[0]}"; all continue with those of process 0.`,
      );
    hasWarned = true;
    const first = cluster.share(new Map(names.map((name) => [name, state.get(name)!])));
    const agreed: StateArrays = new Map([...state, ...first]);
    await trainer.restore(agreed);
    return agreed;
  };

  return {
    step(batch, learningRate, noise) {
      const result = trainer.step(batch, learningRate, noise);
      isCompared = false;
      steps += 1;
      if (steps % STEPS_PER_VOTE === 0) cluster.vote();
      // Nobody has asked for anything in this step.
      else cluster.count(new Float32Array(VOTES));
      return result;
    },
    async readBack() {
      await trainer.readBack();
      if (!isCompared) {
        isCompared = true;
        const weights: StateArrays = new Map();
        for (const variable of handle.gradientVariables)
          weights.set(variable.name, await arrayOf(variable));
        if (cluster.differing(weights).length > 0) await agreedState();
      }
    },
    state: agreedState,
    restore: (state) => trainer.restore(state),
    dispose() {
      trainer.dispose();
    },
  };
}
