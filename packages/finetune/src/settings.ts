/**
 * The settings of a fine-tuning as plain data: freeze policies, schedules, and their allowed
 * values. This module does not load TensorFlow.js, so command lines and pages can check settings
 * without it.
 */
export type { WeightAverageSettings } from './averaging/average-momentum.ts';
export { FixresFinetuneError, type FixresFinetuneErrorCode } from './errors.ts';
export { canTrain, freezePolicies, resolveFreezePolicy } from './freezing/freeze-policies.ts';
export { type FreezePolicyName, freezePolicyNames } from './freeze-policy-names.ts';
export type { FreezePolicy } from './freezing/freeze-policy.ts';
export { nearNames } from './freezing/near-names.ts';
export type { LayerRates } from './rates/layer-rates.ts';
export type { WeightDecay } from './rates/weight-decay.ts';
export { fixresAuthorsSchedule } from './schedules/linearly-scaled-rate.ts';
export { parseSchedule } from './schedules/parse-schedule.ts';
export { DEFAULT_REFERENCE_BATCH } from './schedules/scaled-schedule.ts';
export type { Schedule } from './schedules/schedule.ts';
