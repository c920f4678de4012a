import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTPUT_FILE } from './run-process.ts';

/** What a process that is started from a form carries out, in its folder. */
export const EXPERIMENT_FILE = 'experiment.json';

/**
 * Removes the folder of a process that failed before there was a run, so that its name can be used again.
 *
 * @throws the error of the folder that cannot be read or removed; what came in meanwhile stays
 */
export async function removeUnlessRun(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.some((name) => name !== OUTPUT_FILE && name !== EXPERIMENT_FILE)) return;
  for (const name of names) await rm(join(folder, name));
  await rmdir(folder);
}
