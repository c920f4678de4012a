import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { hasImageEnding } from '@fixres/data/node';
import { glob, isDynamicPattern } from 'tinyglobby';
import { FixresRunnerError } from '@fixres/runner/node/read';
import { patternBelow } from './pattern-below.ts';

/**
 * The image files that a command's arguments refer to, in order: files; folders, for all images
 * below them; patterns, which not every shell expands; and `-` for a list on stdin, one path per
 * line. Files that do not exist are included, so that reading them reports an error.
 *
 * @throws FixresRunnerError for a folder, a pattern or a list without images
 */
export async function imagePaths(places: readonly string[], stdin: Readable): Promise<string[]> {
  const paths: string[] = [];
  for (const place of places) {
    const found = place === '-' ? await listed(stdin) : await filesAt(place);
    if (found.length === 0)
      throw new FixresRunnerError(
        'bad-option',
        `${place === '-' ? 'The list on stdin' : `"${place}"`} contains no images.`,
      );
    paths.push(...found);
  }
  return paths;
}

async function listed(stdin: Readable): Promise<string[]> {
  const paths: string[] = [];
  for await (const line of createInterface({ input: stdin }))
    if (line.trim() !== '') paths.push(line.trim());
  return paths;
}

async function filesAt(place: string): Promise<string[]> {
  const info = await stat(place).catch(() => undefined);
  if (info?.isDirectory()) return imagesBelow(place);
  // A file name can look like a pattern.
  if (info !== undefined) return [place];
  const { folder, pattern } = await patternBelow(place, isFolder);
  if (!isDynamicPattern(pattern)) return [place];
  const found = await glob(pattern, {
    cwd: folder,
    onlyFiles: true,
    expandDirectories: false,
    // As the file system.
    caseSensitiveMatch: process.platform !== 'win32',
  });
  return found
    .filter(hasImageEnding)
    .map((file) => join(folder, file))
    .sort();
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Hidden files and folders are ignored. */
async function imagesBelow(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(
    ({ name }) => !name.startsWith('.'),
  );
  const below = entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(async (entry): Promise<string[]> => {
      const path = join(folder, entry.name);
      const leadsToFolder = entry.isSymbolicLink() ? await isFolder(path) : entry.isDirectory();
      // A link can lead to a folder that contains it.
      if (leadsToFolder) return entry.isSymbolicLink() ? [] : imagesBelow(path);
      return hasImageEnding(path) ? [path] : [];
    });
  return (await Promise.all(below)).flat();
}
