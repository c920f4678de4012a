import { flattenConfig } from '../../experiment/flatten-config.ts';
import type { ComparedRun } from './compared-run.ts';

/** A setting that the runs do not agree on. */
export interface ConfigDifference {
  setting: string;
  /** By the runs' letters; `null` where a run has no such setting. */
  values: Record<string, string | number | boolean | null>;
}

/** No settings of the training: where things lie, what a run is called, sums over the images. */
const LEFT_OUT =
  /^(command|threads|logs|images\.|diskCache|comparisons$|evaluations$|dataset\.archive$)/;

/** The settings in which runs differ. Settings of an arm that not every run has are left out; the arms tell of it. */
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
