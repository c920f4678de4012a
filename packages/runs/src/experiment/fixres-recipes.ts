import {
  fixresFinetune,
  type FixresSizes,
  fixresTest,
  type ImageSize,
  type Policy,
  randomResizedCrop,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
  shiftedCrop,
  shortSideCrop,
  withRandomFlip,
} from '@fixres/data';
import {
  fixresAuthorsSchedule,
  type FreezePolicyName,
  type Schedule,
} from '@fixres/finetune/settings';
import type { OptimizerSpec } from './experiment.ts';

export type RecipeName = 'keras' | 'paper' | 'matched' | 'quick';

/** The differences between the variants of the FixRes experiment. */
export interface FixresRecipe {
  /** Training from scratch at a size. */
  train: (size: ImageSize) => Policy;
  /** The test policy of models trained from scratch. */
  test: (size: ImageSize) => Policy;
  /** Test and fine-tuning policy at a larger size. */
  fixresTest: (sizes: FixresSizes) => Policy;
  fixresFinetune: (sizes: FixresSizes) => Policy;
  /** Fine-tuning with test-like crops at the training size. */
  controlFinetune: (size: ImageSize) => Policy;
  optimizer: OptimizerSpec;
  /** @param run epochs from scratch, and batch size */
  schedule: (run: { epochs: number; batchSize: number }) => Schedule;
  finetuneSchedule: (batchSize: number) => Schedule;
  freeze: FreezePolicyName;
  /** What `freeze` trains, as text. */
  finetuned: string;
}

const keras: FixresRecipe = {
  train: sampledBoundingBoxCrop,
  test: resize,
  fixresTest,
  fixresFinetune,
  controlFinetune: resizeFlip,
  optimizer: { type: 'adam' },
  schedule: () => ({ type: 'constant', rate: 1e-3 }),
  finetuneSchedule: () => ({ type: 'constant', rate: 1e-4 }),
  freeze: 'classifier+last-bn',
  finetuned: 'last normalisation and classifier',
};

/** The policies whose size the planner can match; otherwise like the Keras example. */
const matched: FixresRecipe = {
  ...keras,
  fixresTest: ({ size }) => shortSideCrop(size),
  fixresFinetune: ({ size }) => withRandomFlip(shortSideCrop(size)),
};

export const fixresRecipes: Readonly<Record<RecipeName, FixresRecipe>> = {
  keras,
  matched,
  // Few steps: a constant rate would end far from what training could reach.
  quick: {
    ...matched,
    // With few epochs, a whole epoch of warm-up would be too long, especially for an arm with fewer
    // steps than these.
    schedule: ({ epochs }) => ({
      type: 'cosine',
      rate: 2e-3,
      warmUp: { epochs: Math.min(1, epochs / 16) },
    }),
    finetuneSchedule: () => ({ type: 'cosine', rate: 2e-3 }),
  },
  paper: {
    train: (size) => randomResizedCrop(size),
    test: (size) => shortSideCrop(size),
    fixresTest: ({ size }) => shortSideCrop(size),
    fixresFinetune: ({ size }) => shiftedCrop(size),
    controlFinetune: (size) => shiftedCrop(size),
    optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 1e-4, kind: 'l2' } },
    schedule: ({ batchSize }) => fixresAuthorsSchedule(2e-2, { batchSize }),
    finetuneSchedule: (batchSize) => fixresAuthorsSchedule(1e-3, { batchSize }),
    freeze: 'classifier+last-bn-stats',
    finetuned: 'statistics of the last normalisation and classifier',
  },
};
