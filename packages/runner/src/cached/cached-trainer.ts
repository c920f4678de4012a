import type { FeatureSplit, FreezeHandle } from '@fixres/finetune';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { stepTrainer } from '../training/eager-trainer.ts';
import { headGradientStep } from '../training/gradient-step.ts';
import type { StepOptimizer, Trainer, TrainerOptions } from '../training/trainer.ts';

/**
 * Trains the layers after a frozen trunk, on batches with features, kernel by kernel on any engine.
 *
 * @param split the cut of the features
 * @param optimizer not owned: the caller disposes it
 */
export function cachedTrainer(
  model: LayersModel,
  handle: FreezeHandle,
  optimizer: StepOptimizer,
  split: FeatureSplit,
  options: TrainerOptions = {},
): Trainer {
  const step = headGradientStep(
    model,
    handle,
    (features, mode) => split.head(features, mode),
    options.loss,
  );
  return stepTrainer(model, optimizer, step, options);
}
