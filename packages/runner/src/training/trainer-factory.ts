import type { ImageSize } from '@fixres/data';
import type { FeatureSplit, FreezeHandle, WeightAverage } from '@fixres/finetune';
import type { SlotOptimizer } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cachedTrainer } from '../cached/cached-trainer.ts';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import { eagerTrainer } from './eager-trainer.ts';
import { FixresRunnerError } from '../errors.ts';
import type { ArmSpec, Precision } from '@fixres/runs';
import type { ImageSource } from '../images/image-source.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';

/** Features of a frozen trunk, on which the layers after it train. */
export interface TrainerFeatures {
  /** The cut of the features. */
  split: FeatureSplit;
  /** Features of one image. */
  shape: readonly number[];
}

/** Requirements of an arm's trainer. */
export interface TrainerRequest {
  model: LayersModel;
  handle: FreezeHandle;
  /** Not owned by the trainer, like the average. */
  optimizer: SlotOptimizer;
  average: WeightAverage | undefined;
  spec: ArmSpec;
  /** The loss, teacher, limit and noise of `spec`. */
  rules: Pick<TrainerOptions, 'loss' | 'teacher' | 'limit' | 'noise'>;
  /** Image size of the first step; progressive resizing changes it. */
  size: ImageSize;
  seed: number;
  /** Images whose gradients are computed at once; an update sees `spec.accumulate` times as many. */
  batchSize: number;
  precision: Precision;
  /** The training images, or their features. */
  train: ImageSource;
  /** How the features of `train` continue, if it has features. Default: it has images. */
  cachedFeatures?: TrainerFeatures | undefined;
  /** Called if the trainer is not the requested one, with the reason. */
  onWarning: (message: string) => void;
  signal: AbortSignal | undefined;
  /** Processes that train together; `batchSize` is that of all. */
  cluster?: TrainingCluster | undefined;
}

/** Creates the trainer of an arm. It is disposed after the arm's training. */
export type TrainerFactory = (request: TrainerRequest) => Trainer | Promise<Trainer>;

/**
 * The trainer that runs on every engine, kernel by kernel. @throws FixresRunnerError `bad-option`
 * for a precision other than float32, and for several processes
 */
export const createEagerTrainer: TrainerFactory = ({
  model,
  handle,
  optimizer,
  average,
  spec,
  rules,
  seed,
  batchSize,
  precision,
  cachedFeatures,
  cluster,
}) => {
  if (cluster !== undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Several processes train one model together with a compiled step on the native engine alone.',
    );
  if (precision !== 'float32') {
    throw new FixresRunnerError(
      'bad-option',
      `Option "precision" is "${precision}", which requires a compiled step on the native ` +
        'engine; kernel by kernel, only "float32" is supported.',
    );
  }
  const options = { ...rules, average, seed, microBatch: batchSize };
  if (cachedFeatures !== undefined)
    return cachedTrainer(model, handle, optimizer, cachedFeatures.split, options);
  const { gradientCheckpointing } = spec;
  return eagerTrainer(model, handle, optimizer, { ...options, gradientCheckpointing });
};
