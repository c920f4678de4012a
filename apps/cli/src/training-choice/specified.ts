import { resolve } from 'node:path';
import type { Distillation } from '@fixres/runs';
import { changeExperiment } from '@fixres/runs/node';
import { modelFacts, modelFolderOf, type SessionPlan } from '@fixres/runner/node';
import { applyTrainingChoice } from './apply-training-choice.ts';
import type { SpecificationOptions, TrainingChoice } from './training-choice-options.ts';

/** Applies the training options, and then the values of `--set`, to an experiment. */
export function specified(
  options: TrainingChoice & SpecificationOptions,
  experiment: SessionPlan['experiment'],
): SessionPlan['experiment'] {
  return async (imageSizes, openDataset) => {
    const { distill: place } = options;
    const teacher = place === undefined ? undefined : await teacherIn(place);
    return changeExperiment(
      applyTrainingChoice(await experiment(imageSizes, openDataset), options, teacher),
      options.set ?? [],
      imageSizes,
    );
  };
}

/** @throws errors of `modelFacts` and `modelFolderOf` for a place without a model */
async function teacherIn(place: string): Promise<Distillation> {
  const teacher = resolve(await modelFolderOf(place, {}));
  const { digest } = await modelFacts(teacher);
  return { teacher, digest };
}
