import type { ActivationSettings, CheckpointSettings, Precision } from './experiment.ts';

/** Defaults of an experiment. */
export const experimentDefaults: {
  readonly precision: Precision;
  readonly normImages: number;
  readonly checkpoint: Readonly<Required<CheckpointSettings>>;
  readonly activations: Readonly<Required<ActivationSettings>>;
} = {
  precision: 'float32',
  normImages: 4096,
  checkpoint: { everyEpochs: 1, everySeconds: 600, keep: 2, best: true },
  activations: { images: 256 },
};

/** Settings of the optimisers of `@fixres/models`, which are Keras's. */
export const optimizerDefaults = {
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  sgd: { momentum: 0, nesterov: false },
} as const;

export const weightDecayDefaults = { kind: 'decoupled', exclude: 'none' } as const;

/** Those of `WeightAverage` of `@fixres/finetune`. */
export const emaDefaults = { momentum: 0.999, warmUp: true, statistics: 'average' } as const;

export const earlyStoppingDefaults = {
  monitor: 'heldOutAccuracy',
  minDelta: 0,
  restoreBest: true,
} as const;
