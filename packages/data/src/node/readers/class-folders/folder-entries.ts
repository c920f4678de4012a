import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import type { LeftOutTally } from '../../dataset/left-out.ts';
import { hasPictureEnding } from '../../decode/image-endings.ts';
import { fileSource } from '../../files/byte-source.ts';
import type { Entry } from '../archives/archive-entry.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from '../reader-limits.ts';

/** What a name contains if its bytes are not UTF-8. */
const NO_UTF8 = '\ufffd';

/**
 * Lists the files and folders below a folder, at any depth. Links to files and folders are
 * followed, even out of the folder, because it is the user's own. Names that start with a dot are
 * left out. Files whose names are not UTF-8 are left out and counted.
 *
 * @throws FixresDataError `bad-layout` for a broken link, for a link to a folder that contains it,
 * and for a folder whose name is not UTF-8; `not-found` for what cannot be read; `limit-exceeded`
 */
export async function folderEntries(
  folder: string,
  limits: ReaderLimits,
  leftOut: LeftOutTally,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const visit = async (path: string, above: readonly string[]): Promise<void> => {
    const here = await readable(realpath(join(folder, path)), join(folder, path));
    if (above.includes(here)) {
      throw new FixresDataError(
        'bad-layout',
        `Folder "${join(folder, path)}" is a link to a parent folder; remove the link.`,
      );
    }
    const names = await readable(readdir(here), here);
    const unreadable = names.some((name) => name.includes(NO_UTF8))
      ? await otherwiseNamed(here)
      : undefined;
    for (const name of names.sort()) {
      if (name.startsWith('.')) continue;
      const child = path ? `${path}/${name}` : name;
      requireShortPath(child, limits, folder);
      const file = join(folder, child);
      if (unreadable?.has(name)) {
        leftOut.add('files whose names are not UTF-8', child, hasPictureEnding(child));
        continue;
      }
      const info = await readable<Stats>(stat(file), file);
      if (info.isFile()) entries.push({ path: child, source: fileSource(file, info.size) });
      else if (info.isDirectory()) {
        entries.push({ path: child });
        await visit(child, [...above, here]);
      }
      requireFewEntries(entries.length, limits, folder);
    }
  };
  await visit('', []);
  return entries;
}

/**
 * The decoded names of files in a folder whose names are not UTF-8. Node has no string that leads
 * to these files.
 */
async function otherwiseNamed(folder: string): Promise<Set<string>> {
  const entries = await readable(
    readdir(folder, { encoding: 'buffer', withFileTypes: true }),
    folder,
  );
  const found = entries.filter(({ name }) => !name.equals(Buffer.from(name.toString())));
  const within = found.find((entry) => entry.isDirectory());
  if (within) {
    throw new FixresDataError(
      'bad-layout',
      `Folder "${join(folder, within.name.toString())}" has a name that is not UTF-8; rename ` +
        'it.',
    );
  }
  return new Set(found.map(({ name }) => name.toString()));
}

async function readable<T>(reading: Promise<T>, path: string): Promise<T> {
  return reading.catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') {
      throw new FixresDataError('bad-layout', `"${path}" is a broken link; remove or repair it.`, {
        cause,
      });
    }
    throw new FixresDataError('not-found', `Cannot read "${path}": ${message}`, { cause });
  });
}
