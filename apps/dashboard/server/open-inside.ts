import { constants, lstat, readdir, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Windows has no such flag; there the comparison of real paths alone decides. */
const NO_FOLLOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);

/**
 * Opens a file for reading that really lies in a folder: neither it nor a folder on the way to it is a link that leads out.
 *
 * @returns the open file and its facts, or undefined where there is no such file
 */
export async function openInside(
  folder: string,
  ...segments: string[]
): Promise<{ handle: FileHandle; info: Stats } | undefined> {
  const path = join(folder, ...segments);
  const paths = await Promise.all([realpath(folder), realpath(path)]).catch(() => undefined);
  if (!paths) return undefined;
  const [root, target] = paths;
  // The root of a drive ends with a separator already.
  if (!target.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
  const handle = await open(target, NO_FOLLOW).catch(() => undefined);
  if (!handle) return undefined;
  const info = await handle.stat();
  if (info.isFile()) return { handle, info };
  await handle.close();
  return undefined;
}

/** The facts of a plain file, not followed when it is a link; undefined where there is none. */
export async function plainFile(path: string): Promise<Stats | undefined> {
  const info = await factsOf(path);
  return info?.isFile() ? info : undefined;
}

/** The facts of whatever is there, not followed when it is a link. By callback, which takes a third of the processor time of Node's promises. */
export function factsOf(path: string): Promise<Stats | undefined> {
  return new Promise((resolve) => lstat(path, (error, info) => resolve(error ? undefined : info)));
}

/** The names in a folder; none where it cannot be read. Likewise by callback. */
export function namesIn(folder: string): Promise<string[]> {
  return new Promise((resolve) => readdir(folder, (error, names) => resolve(error ? [] : names)));
}

/** Another text when a file is another one, or was written again. */
export function fileVersion({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ');
}

/** Reads `length` bytes from `start` on; fewer where the file ends before. Closes nothing. */
export async function readPart(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  // What was not read into is cut off.
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

/** Reads a small text file that lies in a folder; undefined where there is none or it has more than `maxBytes`. */
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

/** {@link readSmallText} as JSON; undefined where it is none, half-written files included. */
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
