import type { Policy } from '@fixres/data';
import {
  armsToMeasure,
  evaluationKey,
  type Experiment,
  type PlannedExperiment,
  type Predictions,
  type SizeChoice,
  sizeChoice,
  withChosenSizes,
} from '@fixres/runs';
import { FixresRunnerError } from '../errors.ts';
import type { ImageSource } from '../images/image-source.ts';
import type { RunExperimentOptions } from './run-experiment-options.ts';

/**
 * Checks that the sizes of an experiment can be measured.
 *
 * @throws FixresRunnerError `bad-option`
 */
export function requireMeasurable(
  experiment: Pick<PlannedExperiment, 'arms'>,
  {
    hasImages,
    processes,
    multiLabel = false,
  }: { hasImages: boolean; processes: number; multiLabel?: boolean | undefined },
): void {
  const [arm] = armsToMeasure(experiment);
  if (arm === undefined) return;
  const bad = (problem: string): never => {
    throw new FixresRunnerError('bad-option', `The size of arm "${arm}" is measured, ${problem}.`);
  };
  if (!hasImages)
    bad('which needs training images that are held back: option "holdBack", for example 0.1');
  if (multiLabel) bad('which needs images with one label each; these have several');
  // Processes that do not agree on a size would train different arms.
  if (processes > 1) bad('which one process does; several processes need a fixed size');
}

/** Predictions of a trained arm on images of a source. */
export type Predict = (
  source: ImageSource,
  policy: Policy,
) => Promise<Pick<Predictions, 'correct'>>;

/**
 * Measures the sizes of arms with the trained first arm, and derives the lengths again that depend on
 * them.
 *
 * @param predict with the first arm, whose weights are trained
 * @param from the first arm and its seed
 * @param withLengths derives the lengths of arms with a cost
 */
export async function measureSizes(
  experiment: Experiment,
  predict: Predict,
  {
    from,
    sizeImages,
    withLengths,
  }: {
    from: { from: string; seed: number };
    sizeImages: NonNullable<RunExperimentOptions['sizeImages']>;
    withLengths: (planned: PlannedExperiment) => Promise<Experiment>;
  },
): Promise<Experiment> {
  const waiting = new Set(armsToMeasure(experiment));
  if (waiting.size === 0) return experiment;
  /** Arms can share candidates. */
  const known = new Map<string, number>();
  const correctUnder = async (policy: Policy): Promise<number> => {
    const key = evaluationKey(policy);
    const correct =
      known.get(key) ??
      (await predict(sizeImages, policy)).correct.reduce((sum, one) => sum + one, 0);
    known.set(key, correct);
    return correct;
  };
  const choices = new Map<string, SizeChoice>();
  for (const { name, measuredSize } of experiment.arms) {
    if (measuredSize === undefined || !waiting.has(name)) continue;
    const measured = [];
    for (const { testPolicy } of measuredSize.candidates)
      measured.push({ testPolicy, correct: await correctUnder(testPolicy) });
    choices.set(name, sizeChoice({ ...from, images: sizeImages.size }, measured));
  }
  return withLengths(withChosenSizes(experiment, choices));
}
