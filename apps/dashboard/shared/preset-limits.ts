/** What a form may ask for: the setting of a preset, and the whole numbers that are allowed. */
export const presetLimits = {
  small: [8, 1024],
  large: [8, 1024],
  width: [4, 512],
  epochs: [1, 10_000],
  finetuneEpochs: [1, 10_000],
  seeds: [1, 100],
  batchSize: [2, 4096],
  limit: [10, 1_000_000_000],
} as const;
