/** The names of `fixresPresets`. */
export const presetNames = ['quick', 'keras', 'paper', 'matched'] as const;

/** The name of a preset of the FixRes experiment. */
export type PresetName = (typeof presetNames)[number];

/** Logs that a run can write beside its own. */
export const furtherLogs = ['tensorboard', 'csv'] as const;

/** A log that a run can write beside its own. */
export type FurtherLog = (typeof furtherLogs)[number];
