/** The names of `fixresPresets`. */
export const presetNames = ['quick', 'keras', 'paper', 'matched'] as const;

/** The name of a preset of the FixRes experiment. */
export type PresetName = (typeof presetNames)[number];

/** Whether a string, for example of a form, names a preset. */
export function isPresetName(name: string): name is PresetName {
  return (presetNames as readonly string[]).includes(name);
}

/** The arms of the FixRes experiment, in the order in which they are trained. */
export const fixresArms = [
  'small',
  'untuned',
  'fixres',
  'control',
  'vanilla-equal-cost',
  'vanilla',
] as const;

/** The name of an arm of the FixRes experiment. */
export type FixresArm = (typeof fixresArms)[number];

/** The optimisers of an arm. */
export const optimizerNames = ['adam', 'sgd', 'lamb', 'rmsprop'] as const;

/** The losses of an arm. */
export const lossNames = ['cross-entropy', 'binary-cross-entropy', 'focal'] as const;

/** Published training recipes for arms from scratch. */
export const trainingRecipeNames = ['resnet-strikes-back-a3', 'deit3', 'keras'] as const;

/** The name of a published training recipe. */
export type TrainingRecipeName = (typeof trainingRecipeNames)[number];

/** Logs that a run can write in addition to its own: files in its folder, or an MLflow server. */
export const furtherLogs = ['tensorboard', 'csv', 'mlflow'] as const;

/** A log that a run can write in addition to its own. */
export type FurtherLog = (typeof furtherLogs)[number];

export { allowedMemory, memoryText, parseMemory } from './memory-amount.ts';
export { allowedBy, isWithin, type SettingRange, settingRanges } from './setting-ranges.ts';

/** Which images arms are evaluated on. */
export const evaluatedImages = ['heldOut', 'heldBack'] as const;

export type EvaluatedImages = (typeof evaluatedImages)[number];

/** What successive halving gives the better arms more of. */
export const halvingResources = ['epochs', 'seeds'] as const;

export type HalvingResource = (typeof halvingResources)[number];

/**
 * When successive halving over epochs promotes arms. `asynchronous`: as soon as an arm is among the best of those
 * that are known (ASHA). `synchronous`: when all arms of the rung are known, so decisions do not depend on the
 * order of results.
 */
export const promotions = ['asynchronous', 'synchronous'] as const;

export type Promotion = (typeof promotions)[number];
