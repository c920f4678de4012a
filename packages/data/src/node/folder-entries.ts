import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './archive-entry.ts';

/** Class folders lie at most this deep below the folder given (`flower_photos/daisy/x.jpg` is depth 3). */
const MAX_DEPTH = 4;

/** Lists the files and folders below a folder. Links to files and folders are followed; names starting with a dot are left out. */
export async function folderEntries(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    for (const name of (await readdir(join(folder, path))).sort()) {
      if (name.startsWith('.')) continue;
      const child = path ? `${path}/${name}` : name;
      const file = join(folder, child);
      const info = await stat(file);
      if (info.isFile()) {
        entries.push({ path: child, source: { file, start: 0, length: info.size, compression: 'none', inflatedLength: info.size } });
      } else if (info.isDirectory()) {
        entries.push({ path: child });
        if (depth < MAX_DEPTH) await visit(child, depth + 1);
      }
    }
  };
  await visit('', 1);
  return entries;
}
