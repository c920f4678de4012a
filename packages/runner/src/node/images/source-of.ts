import { resolve } from 'node:path';

/** Whether a data set is provided or downloaded by fixres, so its name is not a path. */
export function isBuiltIn(dataset: string): boolean {
  return dataset === 'synthetic' || dataset === 'tf_flowers';
}

/**
 * The name of a data set in a run's configuration. Paths are absolute, so that the run can be
 * resumed from another folder.
 */
export function sourceOf(dataset: string): string {
  return isBuiltIn(dataset) ? dataset : resolve(dataset);
}
