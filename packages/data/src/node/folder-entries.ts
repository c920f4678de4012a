import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresDataError } from '../errors.ts';
import type { Entry } from './archive-entry.ts';
import { fileSource } from './byte-source.ts';
import { defaultReaderLimits, type ReaderLimits, requireFewEntries, requireShortPath } from './reader-limits.ts';

/** Images lie at most this deep below the folder given (`flower_photos/train/daisy/x.jpg` is depth 4). */
const MAX_DEPTH = 4;

/**
 * Lists the files and folders below a folder. Links to files and folders are followed, also out of the folder: it is the user's own.
 * Names starting with a dot are left out.
 *
 * @throws FixresDataError `bad-layout` for a link that leads nowhere or to a folder it lies in, `not-found` for what cannot be read,
 * `limit-exceeded`
 */
export async function folderEntries(folder: string, limits: ReaderLimits = defaultReaderLimits): Promise<Entry[]> {
  const entries: Entry[] = [];
  const visit = async (path: string, above: readonly string[]): Promise<void> => {
    const here = await readable(realpath(join(folder, path)), join(folder, path));
    if (above.includes(here)) {
      throw new FixresDataError('bad-layout', `Folder "${join(folder, path)}" is a link to a folder it lies in; remove the link.`);
    }
    for (const name of (await readable(readdir(here), here)).sort()) {
      if (name.startsWith('.')) continue;
      const child = path ? `${path}/${name}` : name;
      requireShortPath(child, limits, folder);
      const file = join(folder, child);
      const info = await readable<Stats>(stat(file), file);
      if (info.isFile()) entries.push({ path: child, source: fileSource(file, info.size) });
      else if (info.isDirectory()) {
        entries.push({ path: child });
        if (above.length + 1 < MAX_DEPTH) await visit(child, [...above, here]);
      }
      requireFewEntries(entries.length, limits, folder);
    }
  };
  await visit('', []);
  return entries;
}

async function readable<T>(reading: Promise<T>, path: string): Promise<T> {
  return reading.catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') {
      throw new FixresDataError('bad-layout', `"${path}" is a link that leads nowhere; remove or mend it.`, { cause });
    }
    throw new FixresDataError('not-found', `Cannot read "${path}": ${message}`, { cause });
  });
}
