import {
  discordance,
  differenceVariance,
  type DifferenceVariance,
  type ComparedArm,
  type Experiment,
  pairSeeds,
} from '@fixres/runs';
import { readComparedRun } from '@fixres/runs/node';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { PowerOptions } from './power-options.ts';

/** How much the predictions of two arms of a run differ. */
export interface ObservedVariation {
  run: string;
  a: string;
  b: string;
  /** The test policy of both, `<policy>@<size>`, or `own`. */
  policy: string;
  /** Number of held-out images. */
  images: number;
  /** Seeds of both arms. */
  seeds: number[];
  /** Number of comparisons of the run's experiment, at least 1. */
  comparisons: number;
  /** Observed accuracy(a) - accuracy(b), -1 to 1. */
  difference: number;
  /** Mean over the seeds: fraction of the images on which only one arm is correct. */
  discordance: number;
  /** Null with one seed: variation over images and seeds cannot be told apart. */
  variance: DifferenceVariance | null;
}

/**
 * Reads the predictions of two arms of a run.
 *
 * @throws ExitError for arms without predictions; FixresRunsError for a folder that is not a run
 */
export async function observedVariation(
  run: string,
  options: Pick<PowerOptions, 'arms' | 'testPolicy'>,
): Promise<ObservedVariation> {
  const first = await readComparedRun(run, { letter: 'A', policy: 'own' });
  // Runs of earlier versions may have none.
  const { comparisons = [] } = first.config.experiment as Partial<Experiment>;
  const [main] = comparisons;
  const [nameA, nameB] = options.arms ?? (main ? [main.a, main.b] : []);
  const policy = options.testPolicy ?? (options.arms ? 'own' : (main?.policy ?? 'own'));
  if (nameA === undefined || nameB === undefined)
    throw new ExitError(
      exitCodes.usage,
      `error: Run "${run}" compares no arms; choose two with --arms. It has ${names(first)}.`,
    );
  const compared = policy === 'own' ? first : await readComparedRun(run, { letter: 'A', policy });
  const [a, b] = [nameA, nameB].map((name) => compared.arms.find(({ arm }) => arm === name));
  if (a === undefined || b === undefined) {
    const missing = a === undefined ? nameA : nameB;
    throw new ExitError(
      exitCodes.usage,
      `error: Run "${run}" has no predictions of "${missing}" under the test policy "${policy}"; it has ${names(compared) || 'none'}.`,
    );
  }
  const pair = pairSeeds(a, b);
  if (pair.seeds === null)
    throw new ExitError(
      exitCodes.usage,
      `error: The arms "${nameA}" and "${nameB}" of run "${run}" have no seed in common yet.`,
    );
  const perSeed = pair.a.map((row, i) => discordance([row], [pair.b[i]!]));
  const images = pair.a[0]!.length;
  const correct = (rows: typeof pair.a): number =>
    rows.reduce((sum, row) => sum + row.reduce((s, value) => s + value, 0), 0);
  return {
    run,
    a: nameA,
    b: nameB,
    policy,
    images,
    seeds: pair.seeds,
    comparisons: Math.max(1, comparisons.length),
    difference: (correct(pair.a) - correct(pair.b)) / (images * pair.seeds.length),
    discordance: perSeed.reduce((sum, value) => sum + value, 0) / perSeed.length,
    variance: pair.seeds.length > 1 ? differenceVariance(pair.a, pair.b) : null,
  };
}

function names({ arms }: { arms: readonly ComparedArm[] }): string {
  return arms.map(({ arm }) => arm).join(', ');
}
