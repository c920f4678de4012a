import { changeExperiment } from '@fixres/runs/node';
import type { SessionPlan } from '@fixres/runner/node';
import { applyTrainingChoice } from './apply-training-choice.ts';
import type { SpecificationOptions, TrainingChoice } from './training-choice-options.ts';

/** Applies the training options, and then the values of `--set`, to an experiment. */
export function specified(
  options: TrainingChoice & SpecificationOptions,
  experiment: SessionPlan['experiment'],
): SessionPlan['experiment'] {
  return async (imageSizes, openDataset) =>
    changeExperiment(
      applyTrainingChoice(await experiment(imageSizes, openDataset), options),
      options.set ?? [],
      imageSizes,
    );
}
