/**
 * Options of `trainArm` that the benchmarks do not measure: a constant rate, no evaluations, no
 * listeners. Five classes, as in the flowers.
 */
export const quietTraining = {
  seed: 0,
  classes: 5,
  schedule: { type: 'constant', rate: 1e-4 },
  heldOutAccuracy: () => Promise.resolve(0),
  onStep: () => undefined,
  onEpoch: () => undefined,
};
