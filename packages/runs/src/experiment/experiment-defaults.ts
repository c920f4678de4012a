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

/** Settings of the optimisers of `@fixres/models`: Keras's, and timm's for `lamb`. */
export const optimizerDefaults = {
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  sgd: { momentum: 0, nesterov: false },
  lamb: { beta1: 0.9, beta2: 0.999, epsilon: 1e-6 },
  rmsprop: { rho: 0.9, momentum: 0, epsilon: 1e-7, initialAccumulator: 0 },
} as const;

export const progressiveDefaults = { stages: 4 } as const;

export const distillDefaults = { kind: 'soft', temperature: 3, alpha: 0.5 } as const;

export const lossDefaults = {
  'cross-entropy': {},
  'binary-cross-entropy': { over: 'mean' },
  focal: { gamma: 2 },
} as const;

export const weightDecayDefaults = { kind: 'decoupled', exclude: 'none' } as const;

/** Those of `WeightAverage` of `@fixres/finetune`. */
export const emaDefaults = { momentum: 0.999, warmUp: true, statistics: 'average' } as const;

export const earlyStoppingDefaults = {
  monitor: 'heldOutAccuracy',
  minDelta: 0,
  restoreBest: true,
} as const;
