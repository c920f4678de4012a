import { resolve } from 'node:path';
import { isRemoteAddress } from '@fixres/data/node';

/** Whether a data set is provided or downloaded by fixres, so its name is not a path. */
export function isBuiltIn(dataset: string): boolean {
  return dataset === 'synthetic' || dataset === 'tf_flowers';
}

/** Whether a data set is named by a path of this machine: neither built in nor at an address. */
export function isPath(dataset: string): boolean {
  return !isBuiltIn(dataset) && !isRemoteAddress(dataset);
}

/**
 * The name of a data set in a run's configuration. Paths are absolute, so that the run can be
 * resumed from another folder.
 */
export function sourceOf(dataset: string): string {
  return isPath(dataset) ? resolve(dataset) : dataset;
}
