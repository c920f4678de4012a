import { changeExperiment } from '@fixres/runs/node';
import type { SessionPlan } from '@fixres/runner/node';
import { applyTrainingChoice } from './apply-training-choice.ts';
import type { SpecificationOptions, TrainingChoice } from './training-choice-options.ts';

/** An experiment with what the options say of its training, and then with the values of `--set`. */
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
