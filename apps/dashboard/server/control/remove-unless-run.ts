import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTPUT_FILE } from './run-process.ts';

/** The experiment file of a process started from a form, in its folder. */
export const EXPERIMENT_FILE = 'experiment.json';

/**
 * Removes the folder of a process that failed before the run started, so that its name can be used
 * again.
 *
 * @throws the error of a folder that cannot be read or removed; files added meanwhile are kept
 */
export async function removeUnlessRun(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.some((name) => name !== OUTPUT_FILE && name !== EXPERIMENT_FILE)) return;
  for (const name of names) await rm(join(folder, name));
  await rmdir(folder);
}
