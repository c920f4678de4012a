import { flattenConfig } from '../../experiment/flatten-config.ts';
import type { ComparedRun } from './compared-run.ts';

/** A setting that differs between the runs. */
export interface ConfigDifference {
  setting: string;
  /** By the runs' letters; `null` if a run has no such setting. */
  values: Record<string, string | number | boolean | null>;
}

/** Not settings of the training: paths, names of runs, checksums of the images. */
const LEFT_OUT =
  /^(command|threads|logs|images\.|part\.|diskCache|memory\.|comparisons$|evaluations$|dataset\.archive$)/;

/**
 * The settings in which runs differ. Settings of an arm that not every run has are left out; the
 * list of arms shows them.
 */
export function configDifferences(runs: readonly ComparedRun[]): ConfigDifference[] {
  const names = (run: ComparedRun): string[] => run.config.experiment.arms.map(({ name }) => name);
  const partial = [...new Set(runs.flatMap(names))].filter((arm) =>
    runs.some((run) => !names(run).includes(arm)),
  );
  const flat = runs.map((run): Record<string, string | number | boolean | null> => ({
    ...flattenConfig(run.config),
    arms: names(run).join(', '),
  }));
  const settings = [...new Set(flat.flatMap((config) => Object.keys(config)))];
  return settings.flatMap((setting) => {
    const values = flat.map((config) => config[setting] ?? null);
    const isOfPartialArm = partial.some((arm) => setting.startsWith(`${arm}.`));
    if (LEFT_OUT.test(setting) || isOfPartialArm || values.every((value) => value === values[0]))
      return [];
    return [
      { setting, values: Object.fromEntries(runs.map(({ letter }, i) => [letter, values[i]!])) },
    ];
  });
}
