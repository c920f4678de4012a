import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresRunsError } from '../../errors.ts';
import type { FoundRun } from '../../results/run-entry.ts';

/** Runs may lie in folders of folders, so deep. */
const MAX_DEPTH = 3;

/**
 * The run folders in a folder and in those below it, by name. Links are not followed, hidden folders are left out, and a run is not
 * searched for others.
 *
 * @throws FixresRunsError for a folder that cannot be read
 */
export async function findRuns(root: string): Promise<FoundRun[]> {
  const runs: FoundRun[] = [];
  const search = async (folder: string, path: readonly string[]): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
      if (path.length > 0) return [];
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason =
        code === 'ENOENT'
          ? 'does not exist. Give the folder that holds run folders.'
          : `cannot be read: ${message}`;
      throw new FixresRunsError('bad-option', `Runs folder "${root}" ${reason}`, { cause });
    });
    if (
      entries.some(
        (entry) =>
          entry.isFile() && (entry.name === 'config.json' || entry.name === 'events.jsonl'),
      )
    ) {
      runs.push({ name: path.join('/') || '.', folder });
      return;
    }
    if (path.length === MAX_DEPTH) return;
    for (const entry of entries) {
      const isSearched =
        entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules';
      if (isSearched) await search(join(folder, entry.name), [...path, entry.name]);
    }
  };
  await search(root, []);
  return runs.sort((a, b) => (a.name < b.name ? -1 : 1));
}
