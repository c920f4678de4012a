// Default values of options, for the command line and for programs. This module imports nothing, so
// that help is fast.

/** Defaults of `train`. */
export const trainDefaults = {
  engine: 'auto',
  device: 'auto',
  model: 'resnet50v2',
  imageSize: 128,
  trainPolicy: 'sampledBoundingBoxCrop',
  testPolicy: 'resize',
  epochs: 30,
  batchSize: 32,
  learningRate: 1e-3,
} as const;

/** Defaults of `finetune`; epochs depend on the freeze policy. */
export const finetuneDefaults = {
  engine: 'auto',
  device: 'auto',
  freeze: 'classifier+last-bn',
  batchSize: 32,
  learningRate: 1e-4,
  featureCache: 'auto',
  featurePrecision: 'full',
} as const;

/** Defaults of `reproduce`; the others are those of the preset. */
export const reproduceDefaults = { engine: 'auto', device: 'auto', preset: 'quick' } as const;

/** Defaults of `evaluate`. */
export const evaluateDefaults = {
  engine: 'auto',
  device: 'auto',
  tta: 'none',
  split: 'held-out',
  batchSize: 32,
} as const;

/** Defaults of `predict`. */
export const predictDefaults = { engine: 'auto', device: 'auto', top: 5, batchSize: 32 } as const;

/** Defaults of `bench`. */
export const benchDefaults = { preset: 'quick', dataset: 'synthetic', seconds: 100 } as const;

/** Defaults of `plan`. */
export const planDefaults = {
  engine: 'auto',
  device: 'auto',
  seed: 0,
  batchSize: 32,
} as const;

/** Train policy that `plan` assumes for models without a run. */
export const planTrainPolicy = 'sampledBoundingBoxCrop';
