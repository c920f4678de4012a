import { resolve } from 'node:path';

/** What a run's configuration calls a data set. Paths are kept whole, so that the run can go on from another folder. */
export function sourceOf(dataset: string): string {
  return dataset === 'synthetic' || dataset === 'tf_flowers' ? dataset : resolve(dataset);
}
