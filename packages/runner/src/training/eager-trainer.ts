import type { FreezeHandle } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { accumulateGradients } from './accumulate-gradients.ts';
import type { GradientFunction, GradientStep } from './gradient-function.ts';
import { gradientStep } from './gradient-step.ts';
import type { ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { microBatches } from './micro-batches.ts';
import { hasDropout, stepSeed, type TrainingNoise, withSeededDropout } from './seeded-dropout.ts';
import { readTrainingState, restoreTrainingState } from './trainer-state.ts';
import type { StepOptimizer, Trainer, TrainerOptions } from './trainer.ts';

/**
 * Trains kernel by kernel, on any engine. Weights and state stay in the model, the optimiser and
 * the average.
 *
 * @param model takes images of levels 0..255 and ends in a softmax or in logits
 * @param optimizer not owned: the caller disposes it
 */
export function eagerTrainer(
  model: LayersModel,
  handle: FreezeHandle,
  optimizer: StepOptimizer,
  options: TrainerOptions = {},
): Trainer {
  return stepTrainer(model, optimizer, gradientStep(model, handle, options), options);
}

/** A trainer that runs a step kernel by kernel. The loss is that of the step. */
export function stepTrainer(
  model: LayersModel,
  optimizer: StepOptimizer,
  step: GradientFunction,
  {
    average,
    limit,
    microBatch,
    noise: usualNoise = {},
    seed = 0,
  }: Omit<TrainerOptions, 'loss' | 'teacher' | 'gradientCheckpointing'>,
): Trainer {
  const parts = { model, optimizer, average };
  const gradientsOf = (batch: ImageBatch, draw: number, noise: TrainingNoise): GradientStep => {
    const labels = tf.tensor1d(batch.labels, 'int32');
    const targets =
      batch.targets &&
      tf.tensor2d(batch.targets, [batch.labels.length, batch.targets.length / batch.labels.length]);
    const compute = (): GradientStep => step(imageTensor(batch), labels, targets);
    return hasDropout(model, noise)
      ? withSeededDropout(model, tf.tensor1d([draw], 'int32'), compute, noise)
      : compute();
  };
  return {
    step(batch, learningRate, noise = usualNoise) {
      optimizer.learningRate = learningRate;
      const result = tf.tidy(() => {
        const micro = microBatch === undefined ? [batch] : microBatches(batch, microBatch);
        const { loss, correct, gradients } = accumulateGradients(
          micro.map((part, i) => ({
            images: part.labels.length,
            compute: () =>
              gradientsOf(part, stepSeed(seed, optimizer.iterations, { part: i }), noise),
          })),
        );
        optimizer.applyGradients(limit === undefined ? gradients : limit(gradients));
        average?.update(tf.scalar(average.momentum));
        return { loss: loss.dataSync()[0]!, correct: correct.dataSync()[0]! };
      });
      average?.countStep();
      return result;
    },
    readBack: () => Promise.resolve(),
    state: () => readTrainingState(parts),
    restore: (state) => restoreTrainingState(parts, state),
    dispose: () => undefined,
  };
}
