import type { Policy } from '@fixres/data';
import {
  armsToMeasure,
  candidatesToMeasure,
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
  const correct = new Map<string, number>();
  for (const policy of candidatesToMeasure(experiment)) {
    const predictions = await predict(sizeImages, policy);
    correct.set(
      evaluationKey(policy),
      predictions.correct.reduce((sum, one) => sum + one, 0),
    );
  }
  const choices = new Map<string, SizeChoice>();
  for (const { name, measuredSize } of experiment.arms) {
    if (measuredSize === undefined || !waiting.has(name)) continue;
    const measured = measuredSize.candidates.map(({ testPolicy }) => ({
      testPolicy,
      correct: correct.get(evaluationKey(testPolicy))!,
    }));
    choices.set(name, sizeChoice({ ...from, images: sizeImages.size }, measured));
  }
  return withLengths(withChosenSizes(experiment, choices));
}
