import type { StateArrays } from '@fixres/runs';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import type { GradientLimit } from './gradient-limit.ts';
import type { LossFunction } from './gradient-function.ts';
import type { TrainingNoise } from './seeded-dropout.ts';
import type { ImageBatch } from '../images/image-source.ts';

/**
 * Results of one step: the batch's mean loss before the update, and the number of correctly
 * classified images; in a cluster those of the batches of all processes.
 */
export interface StepResult {
  loss: number;
  correct: number;
}

/** Trains a model step by step, wherever its weights are meanwhile. */
export interface Trainer {
  /**
   * One update on a batch at this learning rate. Leaves no tensor behind.
   *
   * @param noise of this step. Default: that of the trainer
   */
  step(batch: ImageBatch, learningRate: number, noise?: TrainingNoise): StepResult;
  /** Writes weights and running statistics back into the model, if they were elsewhere. */
  readBack(): Promise<void>;
  /**
   * A copy of everything needed to resume training, except the position in the data: weights and
   * running statistics under their names in the model, `optimizer/iter` and
   * `optimizer/VARIABLE/SLOT`, `ema/...`. The names are the same in every process.
   */
  state(): Promise<StateArrays>;
  /**
   * Restores what `state` returned, to the bit.
   *
   * @throws FixresRunnerError `bad-state` if a weight is missing or has another shape; errors of
   * the optimiser and the average
   */
  restore(state: StateArrays): Promise<void>;
  /**
   * Frees what the trainer itself owns. Model and optimiser remain the caller's, with their latest
   * values.
   */
  dispose(): void;
}

/** Requirements of a trainer for an optimiser; those of `@fixres/models` satisfy them. */
export interface StepOptimizer {
  /** Learning rate of the next step. */
  learningRate: number;
  /** Number of steps so far. */
  readonly iterations: number;
  applyGradients(gradients: tf.NamedTensorMap): void;
  getWeights(): Promise<{ name: string; tensor: tf.Tensor }[]>;
  setWeights(weights: { name: string; tensor: tf.Tensor }[]): Promise<void>;
}

/**
 * Requirements of a trainer for an average of the weights; `WeightAverage` of `@fixres/finetune`
 * satisfies them.
 */
export interface StepAverage {
  /** Fraction of the average that stays at the next update. */
  readonly momentum: number;
  /** One update, with the momentum as a tensor. Does not count it. */
  update(momentum: tf.Scalar): void;
  countStep(): void;
  /** Entries `ema/...`. */
  state(): Promise<StateArrays>;
  restore(state: StateArrays): void;
}

export interface TrainerOptions {
  /** Follows the weights after every step. Not owned. */
  average?: StepAverage | undefined;
  /** Default: softmax cross-entropy. */
  loss?: LossFunction | undefined;
  /**
   * Model whose logits the loss receives, for batches of images; it takes the same images as the model.
   * Not owned.
   */
  teacher?: LayersModel | undefined;
  /** Limits the gradients of each update. Default: none. */
  limit?: GradientLimit | undefined;
  /**
   * Maximum number of images whose gradients are computed at once; those of a larger batch are
   * accumulated. Default: the whole batch.
   */
  microBatch?: number | undefined;
  /**
   * Whether the backward pass computes the activations inside blocks again, which takes less memory
   * and more time. Not in training on cached features. Default false.
   */
  gradientCheckpointing?: boolean | undefined;
  /** Default: only that of the model's layers. */
  noise?: TrainingNoise | undefined;
  /** Processes that take each step together. Default: this one alone. */
  cluster?: TrainingCluster | undefined;
  /** Seed of dropouts, together with the number of steps so far. Default 0. */
  seed?: number;
}
