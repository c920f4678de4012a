import type { Policy } from '@fixres/data';
import * as tf from '@tensorflow/tfjs-core';
import { FixresRunnerError } from './errors.ts';
import type { EpochRecord } from './events.ts';
import type { ImageSource } from './image-source.ts';
import type { Trainer } from './trainer.ts';

/** State of training after a step. */
export interface StepProgress {
  epoch: number;
  /** Steps done in this epoch, and in all of it. */
  step: number;
  steps: number;
  /** Means over the epoch so far. */
  loss: number;
  accuracy: number;
  imagesPerSecond: number;
  /** Part of the epoch's time so far, 0..1, in which training waited for images. */
  stall: number;
}

export interface TrainArmOptions {
  trainer: Pick<Trainer, 'step'>;
  /** Learning rate of every step. */
  learningRate: number;
  source: ImageSource;
  policy: Policy;
  batchSize: number;
  epochs: number;
  seed: number;
  /** Held-out accuracy after an epoch. Its time does not count as training. */
  heldOutAccuracy: () => Promise<number>;
  onStep: (progress: StepProgress) => void;
  onEpoch: (record: EpochRecord) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Trains a model for a number of epochs.
 *
 * @returns seconds of training, held-out evaluation excluded
 * @throws FixresRunnerError `non-finite-loss`, `tensor-leak`; the signal's reason when aborted
 */
export async function trainArm(options: TrainArmOptions): Promise<number> {
  const { source, policy, batchSize, epochs, seed, signal, onStep, onEpoch } = options;
  const steps = Math.ceil(source.size / batchSize);
  let trainSeconds = 0;
  let tensorsAfterFirst: number | undefined;

  for (let epoch = 0; epoch < epochs; epoch++) {
    const started = performance.now();
    let step = 0;
    let images = 0;
    let lossSum = 0;
    let correct = 0;
    let waited = 0;
    let asked = started;

    for await (const batch of source.batches({ policy, batchSize, seed, epoch, shuffle: true, signal })) {
      signal?.throwIfAborted();
      waited += performance.now() - asked;
      const result = options.trainer.step(batch, options.learningRate);
      step += 1;
      if (!Number.isFinite(result.loss)) throw nonFiniteLoss(result.loss, epoch, step, batch.indices);
      images += batch.labels.length;
      lossSum += result.loss * batch.labels.length;
      correct += result.correct;
      const elapsed = performance.now() - started;
      onStep({
        epoch,
        step,
        steps,
        loss: lossSum / images,
        accuracy: correct / images,
        imagesPerSecond: images / (elapsed / 1000),
        stall: waited / elapsed,
      });
      // Native steps block the event loop; signals and worker messages get their turn here.
      await tf.nextFrame();
      asked = performance.now();
    }

    const seconds = (performance.now() - started) / 1000;
    trainSeconds += seconds;
    const heldOutAccuracy = await options.heldOutAccuracy();
    const tensors = tf.memory().numTensors;
    tensorsAfterFirst ??= tensors;
    if (tensors > tensorsAfterFirst) {
      const message = `Epoch ${epoch + 1} left ${tensors - tensorsAfterFirst} tensors behind; memory would grow without end.`;
      throw new FixresRunnerError('tensor-leak', message);
    }
    onEpoch({
      epoch,
      loss: lossSum / images,
      accuracy: correct / images,
      heldOutAccuracy,
      seconds,
      imagesPerSecond: images / seconds,
      tensors,
    });
  }
  return trainSeconds;
}

function nonFiniteLoss(loss: number, epoch: number, step: number, indices: Uint32Array): FixresRunnerError {
  const where = `epoch ${epoch + 1}, step ${step} (training images ${Array.from(indices).join(', ')})`;
  return new FixresRunnerError('non-finite-loss', `The loss became ${loss} in ${where}. A lower learning rate often helps.`);
}
