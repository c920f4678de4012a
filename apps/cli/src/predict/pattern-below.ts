import nodePath, { type PlatformPath } from 'node:path';

/** A pattern of files, and the folder that it is relative to. */
export interface PatternBelow {
  /** Empty for the working directory. */
  folder: string;
  /** Parts are separated by slashes, on every system. */
  pattern: string;
}

/**
 * Splits a path with wildcards after the last folder that exists. Names of folders can look like
 * patterns (`photos (1)`), and on Windows, folders are separated by the sign that escapes wildcards
 * elsewhere.
 *
 * @param isFolder whether a path is an existing folder
 * @param path the rules for paths, by default those of this system
 */
export async function patternBelow(
  place: string,
  isFolder: (path: string) => Promise<boolean>,
  path: PlatformPath = nodePath,
): Promise<PatternBelow> {
  const { root } = path.parse(place);
  const parts = place.slice(root.length).split(path.sep === '\\' ? /[\\/]+/ : /\/+/);
  let folder = root;
  while (parts.length > 1) {
    const longer = folder === '' ? parts[0]! : path.join(folder, parts[0]!);
    if (!(await isFolder(longer))) break;
    folder = longer;
    parts.shift();
  }
  return { folder, pattern: parts.join('/') };
}
