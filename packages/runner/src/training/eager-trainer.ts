import type { FreezeHandle } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type GradientFunction, gradientStep } from './gradient-step.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { hasDropout, stepSeed, withSeededDropout } from './seeded-dropout.ts';
import { readTrainingState, restoreTrainingState, type TrainingParts } from './trainer-state.ts';
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
  { average, loss, seed }: TrainerOptions = {},
): Trainer {
  return stepTrainer({ model, optimizer, average }, gradientStep(model, handle, loss), seed);
}

/**
 * A trainer that runs a step kernel by kernel.
 *
 * @param seed as in `TrainerOptions`
 */
export function stepTrainer(parts: TrainingParts, step: GradientFunction, seed = 0): Trainer {
  const { model, optimizer, average } = parts;
  const draws = hasDropout(model);
  return {
    step(batch, learningRate) {
      optimizer.learningRate = learningRate;
      const result = tf.tidy(() => {
        const labels = tf.tensor1d(batch.labels, 'int32');
        const targets =
          batch.targets &&
          tf.tensor2d(batch.targets, [
            batch.labels.length,
            batch.targets.length / batch.labels.length,
          ]);
        const compute = (): ReturnType<GradientFunction> =>
          step(imageTensor(batch), labels, targets);
        const { loss, correct, gradients } = draws
          ? withSeededDropout(
              model,
              tf.tensor1d([stepSeed(seed, optimizer.iterations)], 'int32'),
              compute,
            )
          : compute();
        optimizer.applyGradients(gradients);
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
