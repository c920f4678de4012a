import { evaluationKey } from '@fixres/runner';
import { ExitError, exitCodes } from '../exit-error.ts';
import { readRunConfig } from '../run/read-run-config.ts';
import type { RunConfig } from '../run/run-plan.ts';
import { readLogEnds } from '../runs/log-ends.ts';
import { readTestedImages, type TestedImage } from './tested-images.ts';

/** An arm of a run as it was tested. */
export interface ComparedArm {
  /** What the table calls it: the run's letter and its name. */
  label: string;
  run: string;
  arm: string;
  /** The test policy, `<policy>@<size>`. */
  policy: string;
  /** The seeds that were tested, each with its predictions. */
  seeds: Map<number, TestedImage[]>;
}

/** A run that takes part in a comparison. */
export interface ComparedRun {
  /** A, B, C … */
  letter: string;
  folder: string;
  dataset: string;
  /** As far as it is needed; runs of earlier versions may lack the sums over the images. */
  config: Pick<RunConfig, 'experiment'> & Partial<RunConfig>;
  arms: ComparedArm[];
  /** Arms that were not tested under the policy, or not yet. */
  untested: string[];
}

export interface ReadComparedRunOptions {
  letter: string;
  /** `own`, or a test policy `<policy>@<size>` for all. */
  policy: string;
}

/** Reads what a run's arms made of the held-out images. @throws ExitError for a folder that holds no run, or a damaged one */
export async function readComparedRun(
  folder: string,
  { letter, policy }: ReadComparedRunOptions,
): Promise<ComparedRun> {
  const config = await readRunConfig(folder);
  const { first } = await readLogEnds(folder);
  if (first?.type !== 'run-start')
    throw new ExitError(
      exitCodes.usage,
      `error: Run folder "${folder}" is damaged: its events do not begin with run-start.`,
    );
  const { dataset } = first;
  const arms: ComparedArm[] = [];
  const untested: string[] = [];
  for (const { name, testPolicy } of config.experiment.arms) {
    const key = policy === 'own' ? evaluationKey(testPolicy) : policy;
    const seeds = new Map<number, TestedImage[]>();
    for (const seed of config.experiment.seeds) {
      const images = await readTestedImages(
        folder,
        { arm: name, seed, evaluation: key },
        dataset.classes,
      );
      if (images !== undefined) seeds.set(seed, images);
    }
    if (seeds.size === 0) untested.push(name);
    else arms.push({ label: `${letter} ${name}`, run: letter, arm: name, policy: key, seeds });
  }
  return { letter, folder, dataset: dataset.name, config, arms, untested };
}
