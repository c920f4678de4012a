import { constants, lstat, readdir, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Windows has no such flag; there only the comparison of real paths protects. */
const NO_FOLLOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);

/**
 * Opens a file for reading if it really is in a folder: neither the file nor a folder in its path
 * is a link to the outside.
 *
 * @returns the open file and its stats, or undefined if there is no such file
 */
export async function openInside(
  folder: string,
  ...segments: string[]
): Promise<{ handle: FileHandle; info: Stats } | undefined> {
  const path = join(folder, ...segments);
  const paths = await Promise.all([realpath(folder), realpath(path)]).catch(() => undefined);
  if (!paths) return undefined;
  const [root, target] = paths;
  // The root of a drive already ends with a separator.
  if (!target.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
  const handle = await open(target, NO_FOLLOW).catch(() => undefined);
  if (!handle) return undefined;
  const info = await handle.stat();
  if (info.isFile()) return { handle, info };
  await handle.close();
  return undefined;
}

/** The stats of a plain file, without following links; undefined if there is none. */
export async function plainFile(path: string): Promise<Stats | undefined> {
  const info = await factsOf(path);
  return info?.isFile() ? info : undefined;
}

/**
 * The stats of any entry, without following links. Uses a callback, which takes a third of the
 * processor time of Node's promises.
 */
export function factsOf(path: string): Promise<Stats | undefined> {
  return new Promise((resolve) => lstat(path, (error, info) => resolve(error ? undefined : info)));
}

/** The names in a folder; none if it cannot be read. Uses a callback too. */
export function namesIn(folder: string): Promise<string[]> {
  return new Promise((resolve) => readdir(folder, (error, names) => resolve(error ? [] : names)));
}

/** A text that changes if the file was replaced or written again. */
export function fileVersion({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ');
}

/** Reads `length` bytes, starting at `start`; fewer if the file ends earlier. Closes nothing. */
export async function readPart(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  // Returns only the part that was read.
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

/**
 * Reads a small text file in a folder; undefined if there is none or it has more than `maxBytes`.
 */
async function readSmallText(
  maxBytes: number,
  folder: string,
  ...segments: string[]
): Promise<string | undefined> {
  const file = await openInside(folder, ...segments);
  if (!file) return undefined;
  try {
    return file.info.size > maxBytes
      ? undefined
      : (await readPart(file.handle, 0, file.info.size)).toString('utf8');
  } finally {
    await file.handle.close();
  }
}

/** {@link readSmallText} as JSON; undefined if it is not valid, including incomplete files. */
export async function readSmallJson(
  maxBytes: number,
  folder: string,
  ...segments: string[]
): Promise<unknown> {
  const text = await readSmallText(maxBytes, folder, ...segments);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
