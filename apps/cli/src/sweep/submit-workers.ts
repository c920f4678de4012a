import { join } from 'node:path';
import { shellCommand } from '@fixres/runs/node';
import { interruptible } from '../terminal/interruptible.ts';
import { newSubmission } from './new-submission.ts';
import { rungStates } from './rung-states.ts';
import { runWorkers } from './run-workers.ts';
import { writeSweep } from './sweep-folder.ts';
import type { EpochHalving, SweepPlan } from './sweep-plan.ts';
import { submitJobs } from './submit-jobs.ts';
import type { SubmitOptions, Submitted } from './submit-options.ts';
import { writeSurvivors } from './write-survivors.ts';

/**
 * Submits workers for halving over epochs, unless a scheduler still has some; on this machine, runs them. The
 * caller has the lock of the sweep.
 */
export async function submitWorkers(
  plan: SweepPlan,
  halving: EpochHalving,
  { folder, on, job, terminal }: SubmitOptions,
): Promise<Submitted> {
  const before = await rungStates(folder, plan, halving);
  let workers = 0;
  if (!before.halving.isDecided && before.workers.size === 0) {
    const { trials } = plan;
    workers = Math.min(job.maxParallel ?? (on === 'local' ? 1 : trials.length), trials.length);
    const submission = newSubmission({ on, job, trials: [], workers });
    plan.submissions.push(submission);
    await writeSweep(folder, plan);
    if (on === 'local') {
      const resume = shellCommand(['fixres', 'sweep', 'resume', folder]);
      await interruptible(
        (signal) => runWorkers({ submission, folder, trials, halving, terminal, signal }),
        () =>
          `Interrupted. The trials so far are in ${join(folder, 'trials')}. Resume them with: ${resume}`,
      );
    } else {
      await submitJobs({ ...submission, on }, folder, terminal);
    }
  }
  const { trials, halving: progress } = await rungStates(folder, plan, halving);
  if (progress.isDecided && progress.left.length > 0)
    await writeSurvivors(folder, halving, progress.left, terminal);
  return { result: { workers }, trials, halving: progress };
}
