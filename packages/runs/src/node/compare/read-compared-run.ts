import { evaluationKey } from '../../experiment/experiment.ts';
import { FixresRunsError } from '../../errors.ts';
import { readRunConfig } from '../recorded/read-run-config.ts';
import type { ComparedArm, ComparedRun, TestedImage } from '../../results/compare/compared-run.ts';
import { readLogEnds } from '../recorded/log-ends.ts';
import { readTestedImages } from './tested-images.ts';

interface ReadComparedRunOptions {
  letter: string;
  /** `own`, or a test policy `<policy>@<size>` for all. */
  policy: string;
}

/**
 * Reads the predictions of a run's arms on the held-out images. @throws FixresRunsError for a
 * folder that is not a run, or a damaged one
 */
export async function readComparedRun(
  folder: string,
  { letter, policy }: ReadComparedRunOptions,
): Promise<ComparedRun> {
  const config = await readRunConfig(folder);
  const { first } = await readLogEnds(folder);
  if (first?.type !== 'run-start')
    throw new FixresRunsError(
      'bad-run',
      `Run folder "${folder}" is damaged: its events do not begin with run-start.`,
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
