import { resolve } from 'node:path';

/** Whether a data set is one that fixres brings or fetches, and no path. */
export function isBuiltIn(dataset: string): boolean {
  return dataset === 'synthetic' || dataset === 'tf_flowers';
}

/** What a run's configuration calls a data set. Paths are kept whole, so that the run can go on from another folder. */
export function sourceOf(dataset: string): string {
  return isBuiltIn(dataset) ? dataset : resolve(dataset);
}
