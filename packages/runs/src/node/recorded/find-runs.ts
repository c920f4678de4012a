import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresRunsError } from '../../errors.ts';
import type { FoundRun } from '../../results/run-entry.ts';

/** Maximum depth of nested folders with runs. */
const MAX_DEPTH = 3;

/**
 * The run folders in a folder and its subfolders, by name. Links are not followed, hidden folders
 * are left out, and runs are not searched for other runs.
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
          ? 'does not exist. Give a folder that contains run folders.'
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
