import {
  experimentOfTrials,
  type PlannedExperiment,
  type PrecisionChoice,
  trialsOf,
} from '@fixres/runs';
import { writeAside } from '@fixres/runs/node';
import type { Terminal } from '../terminal/terminal.ts';
import { planSweep } from './plan-sweep.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { SweepHalving } from './sweep-plan.ts';

type Planned = PlannedExperiment<PrecisionChoice>;

/**
 * Writes the experiment that compares the arms that halving left with the baseline, on the held-out images, with
 * the seeds of the file.
 *
 * @param left best first, by the names of their arms from scratch
 * @returns its path
 */
export async function writeSurvivors(
  folder: string,
  { finalSeeds, baseline }: SweepHalving,
  left: readonly string[],
  terminal: Terminal,
): Promise<string> {
  const file = sweepFiles.survivors(folder);
  const roots = [...new Set([...left, baseline])];
  const { experiment } = await planSweep(
    sweepFiles.experiment(folder),
    {},
    terminal,
    ({ planned, dataset }) => {
      const trials = finalSeeds.flatMap((seed) => roots.map((root) => `${root}@${seed}`));
      // All have a length: others were refused.
      const arms = planned.arms.flatMap((arm) => (arm.epochs === undefined ? [] : [arm]));
      const part = experimentOfTrials({ ...planned, arms, seeds: finalSeeds }, trials);
      return {
        planned: { ...part, comparisons: comparisonsOf(planned, left, baseline) },
        dataset: { ...dataset, evaluateOn: undefined },
      };
    },
  );
  await writeAside(file, experiment);
  return file;
}

/** Each arm that is left with the baseline: of each trial, the arm that is trained last. */
function comparisonsOf(
  planned: Planned,
  left: readonly string[],
  baseline: string,
): Planned['comparisons'] {
  const trials = trialsOf(planned);
  const lastOf = (root: string): string =>
    trials.find(({ name }) => name.startsWith(`${root}@`))!.arms.at(-1)!;
  return left
    .filter((root) => root !== baseline)
    .map((root) => ({ a: lastOf(root), b: lastOf(baseline), policy: 'own' }));
}
