import { type HalvingProgress, seedProgress } from './halving-progress.ts';
import { rungStates } from './rung-states.ts';
import type { SweepPlan } from './sweep-plan.ts';
import type { TrialStatesOptions } from './pending-jobs.ts';
import { type SweepTrial, trialStates } from './trial-states.ts';

interface SweepStates {
  trials: SweepTrial[];
  /** Of a sweep that chooses among its arms. */
  halving?: HalvingProgress;
}

/** How far a sweep is. */
export async function sweepStates(
  folder: string,
  plan: SweepPlan,
  options: TrialStatesOptions = {},
): Promise<SweepStates> {
  const { halving } = plan;
  if (halving?.over === 'epochs') {
    const { trials, halving: progress } = await rungStates(folder, plan, halving, options);
    return { trials, halving: progress };
  }
  const trials = await trialStates(folder, plan, options);
  return { trials, ...(halving && { halving: await seedProgress(halving, plan, trials) }) };
}
