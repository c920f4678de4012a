import type { MixSettings, Policy } from '@fixres/data';
import { learningRateAt, smoothLabels, type UnscaledSchedule } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import { FixresRunnerError } from '../errors.ts';
import {
  type EpochRecord,
  finishEpoch,
  type Sampling,
  trainingLength,
  type TrainingLength,
  type TrainingProgress,
  type TrainingStage,
} from '@fixres/runs';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { numbersOf } from '../numbers-of.ts';
import { BatchMixer } from './batch-mixer.ts';
import type { Trainer } from './trainer.ts';
import { updateBatches } from './update-batches.ts';

/** State of training after a step. */
export interface StepProgress {
  epoch: number;
  /** Steps so far in this epoch, and in all of it. */
  step: number;
  steps: number;
  /** Means over the epoch so far. */
  loss: number;
  accuracy: number;
  learningRate: number;
  imagesPerSecond: number;
  /** Fraction of the epoch's time so far, 0..1, in which training waited for images. */
  stall: number;
}

export interface TrainArmOptions {
  trainer: Pick<Trainer, 'step'>;
  schedule: UnscaledSchedule;
  source: ImageSource;
  policy: Policy;
  /** Policy, mixing and noise of an epoch, from 0. Default: `policy`, `mix`, and the noise of the trainer. */
  stage?: ((epoch: number) => TrainingStage) | undefined;
  batchSize: number;
  /** Number of batches of each update; the last one of an epoch can see fewer. Default 1. */
  accumulate?: number | undefined;
  /** Which images an epoch visits. Default: each one once. */
  sampling?: Sampling | undefined;
  /** Processes that each train on a batch of this source in a step. Default 1. */
  ranks?: number | undefined;
  epochs: number;
  /** Maximum number of updates; the last epoch can be shorter. Default: those of all epochs. */
  steps?: number;
  seed: number;
  /** Label smoothing, 0 to 1. Default 0. */
  labelSmoothing?: number | undefined;
  /** How the images of a batch are mixed. Default: not. */
  mix?: MixSettings | undefined;
  /** Number of classes, required by label smoothing and mixing. */
  classes: number;
  /** Whether an image can have several classes; its batches then have `targets`. Default false. */
  multiLabel?: boolean | undefined;
  /**
   * Start of the training; it is updated with every step, so that it can be saved whenever no step
   * is running.
   */
  progress: TrainingProgress;
  /** Held-out accuracy after an epoch. Its time does not count as training. */
  heldOutAccuracy: () => Promise<number>;
  /** Called after every step. Its time does not count as training. */
  onStep: (progress: StepProgress) => Promise<void> | void;
  /** Called after every epoch. It may set `progress.stopped`. */
  onEpoch: (record: EpochRecord) => Promise<void> | void;
  signal?: AbortSignal | undefined;
}

/**
 * Trains a model from `progress` to its last epoch.
 *
 * @throws FixresRunnerError `non-finite-loss`, `tensor-leak`; the signal's reason when aborted
 */
export async function trainArm(options: TrainArmOptions): Promise<void> {
  const { progress, source, batchSize } = options;
  const length = trainingLength(options, { images: source.size, batchSize });
  let tensorsAfterFirst: number | undefined;

  while (progress.epoch < length.epochs && !progress.stopped) {
    const steps = Math.min(
      length.stepsPerEpoch,
      length.steps - progress.epoch * length.stepsPerEpoch,
    );
    if (progress.step < steps) await trainEpoch(options, length, steps);
    const heldOutAccuracy = await options.heldOutAccuracy();
    const tensors = tf.memory().numTensors;
    tensorsAfterFirst ??= tensors;
    if (tensors > tensorsAfterFirst) {
      const message = `Epoch ${progress.epoch + 1} leaked ${tensors - tensorsAfterFirst} tensors.`;
      throw new FixresRunnerError('tensor-leak', message);
    }
    const { epoch, images, lossSum, correct, seconds } = progress;
    const record: EpochRecord = {
      epoch,
      loss: lossSum / images,
      accuracy: correct / images,
      heldOutAccuracy,
      seconds,
      imagesPerSecond: images / seconds,
      tensors,
    };
    finishEpoch(progress, record);
    await options.onEpoch(record);
  }
}

/** @param steps updates in this epoch */
async function trainEpoch(
  options: TrainArmOptions,
  length: TrainingLength,
  steps: number,
): Promise<void> {
  const { progress, source, batchSize, ranks = 1, sampling, seed, schedule, signal } = options;
  const { epoch } = progress;
  const stage = options.stage?.(epoch);
  const { policy, mix } = stage ?? options;
  const noise = stage && { dropout: stage.dropout, dropPath: stage.dropPath };
  const mixer = mix && new BatchMixer(mix, options.classes);
  const { accumulate = 1 } = options;
  const position = progress.step * accumulate * batchSize;
  let asked = performance.now();
  const pass = { policy, batchSize, seed, epoch, shuffle: true, sampling, position, signal };
  for await (const batch of updateBatches(source, pass, accumulate)) {
    signal?.throwIfAborted();
    const waited = performance.now() - asked;
    const learningRate = learningRateAt(schedule, {
      ...length,
      step: epoch * length.stepsPerEpoch + progress.step,
    });
    const mixed = mixer?.mix(batch, { seed, epoch, step: progress.step }) ?? batch;
    const result = options.trainer.step(withTargets(mixed, options), learningRate, noise);
    if (!Number.isFinite(result.loss)) throw nonFiniteLoss(result.loss, progress, batch, source);
    progress.step += 1;
    const images = ranks * batch.labels.length;
    progress.images += images;
    progress.lossSum += result.loss * images;
    progress.correct += result.correct;
    progress.seconds += (performance.now() - asked) / 1000;
    progress.waited += waited / 1000;
    await options.onStep({
      epoch,
      step: progress.step,
      steps,
      loss: progress.lossSum / progress.images,
      accuracy: progress.correct / progress.images,
      learningRate,
      imagesPerSecond: progress.images / progress.seconds,
      stall: progress.waited / progress.seconds,
    });
    // Native steps block the event loop; this lets signals and worker messages through.
    await tf.nextFrame();
    if (progress.step === steps) break;
    asked = performance.now();
  }
}

/**
 * A batch with smoothed labels; for mixed images the mixture is smoothed, row by row like one
 * label. Multi-label targets move towards 1/2, as in Keras's `BinaryCrossentropy`. If batches are mixed, those that are not have targets too, so that one compiled step
 * serves all.
 */
export function withTargets(
  batch: ImageBatch,
  {
    labelSmoothing = 0,
    mix,
    classes,
    multiLabel = false,
  }: Pick<TrainArmOptions, 'labelSmoothing' | 'mix' | 'classes' | 'multiLabel'>,
): ImageBatch {
  if (labelSmoothing === 0 && (mix === undefined || batch.targets)) return batch;
  const targets =
    batch.targets?.map(
      (target) => target * (1 - labelSmoothing) + labelSmoothing / (multiLabel ? 2 : classes),
    ) ?? numbersOf(() => smoothLabels(tf.tensor1d(batch.labels, 'int32'), classes, labelSmoothing));
  return { ...batch, targets };
}

/** Maximum number of images in an error's message; its field `images` contains all. */
const NAMED = 8;

function nonFiniteLoss(
  loss: number,
  { epoch, step }: TrainingProgress,
  { indices }: ImageBatch,
  { ids }: ImageSource,
): FixresRunnerError {
  const images = Array.from(indices, (index) => ids?.[index] ?? `image ${index}`);
  const rest = images.length > NAMED ? ` and ${images.length - NAMED} more` : '';
  const where = `epoch ${epoch + 1}, step ${step + 1} (${images.slice(0, NAMED).join(', ')}${rest})`;
  const message = `The loss became ${loss} in ${where}. Try a lower learning rate.`;
  return new FixresRunnerError('non-finite-loss', message, { images });
}
