import { createHash } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncHandle, syncPath } from '../files/durable.ts';

/** Content of a file: all of it, or its pieces in order. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

/** A file that another folder already has on disk, whole: it becomes one of both. */
export interface KnownFile {
  path: string;
  /** Its SHA-256. */
  sum: string;
  /** For file systems where a file cannot be in two folders, or if it is gone. */
  content: FileContent;
}

const SUMS = 'SHA256SUMS';
const PIECE = 64 << 20;

/**
 * Writes a folder of files that appears completely or not at all, and survives a loss of power once
 * this resolves. Its `SHA256SUMS` contains the checksums of the files, in the format of `sha256sum
 * -c`.
 *
 * @param folder must not exist; the folder two levels above it must
 * @returns the SHA-256 of each file, by name
 */
export async function writeWholeFolder(
  folder: string,
  files: Readonly<Record<string, FileContent | KnownFile>>,
): Promise<Map<string, string>> {
  const partial = `${folder}.partial`;
  // Left by a crash.
  await rm(partial, { recursive: true, force: true });
  // The parent folder may be new, but its parents must exist: a removed run folder must not be
  // created again.
  await mkdir(dirname(partial)).catch(unlessThere);
  await mkdir(partial);
  try {
    const sums = new Map<string, string>();
    for (const [name, file] of Object.entries(files))
      sums.set(name, await addFile(join(partial, name), file));
    const lines = Array.from(sums, ([name, sum]) => `${sum}  ${name}\n`);
    await writeDurably(join(partial, SUMS), pieces(lines.join('')));
    await syncPath(partial);
    await rename(partial, folder);
    await syncPath(dirname(folder));
    return sums;
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** @returns the file's SHA-256 */
async function addFile(path: string, file: FileContent | KnownFile): Promise<string> {
  if (!isKnown(file)) return writeDurably(path, pieces(file));
  try {
    await link(file.path, path);
    return file.sum;
  } catch {
    return writeDurably(path, pieces(file.content));
  }
}

function isKnown(file: FileContent | KnownFile): file is KnownFile {
  return typeof file === 'object' && 'path' in file;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/**
 * The files of a folder written by {@link writeWholeFolder}, by name; undefined if it is missing,
 * incomplete or damaged.
 *
 * @throws the system's error for files that exist and cannot be read: they may be intact and must
 * not be discarded
 */
export async function readWholeFolder(folder: string): Promise<Map<string, Buffer> | undefined> {
  const sums = (await readHashed(join(folder, SUMS)))?.bytes.toString('utf8');
  if (sums === undefined) return undefined;
  const files = new Map<string, Buffer>();
  for (const line of sums.split('\n').slice(0, -1)) {
    const [sum, name] = line.split('  ', 2);
    if (!sum || !name || basename(name) !== name) return undefined;
    const file = await readHashed(join(folder, name));
    if (file?.sum !== sum) return undefined;
    files.set(name, file.bytes);
  }
  return files.size > 0 ? files : undefined;
}

/**
 * A file and its SHA-256; undefined if it does not exist. In pieces, because Node's `readFile` is
 * limited to 2 GiB.
 */
async function readHashed(file: string): Promise<{ bytes: Buffer; sum: string } | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafe(size);
    const hash = createHash('sha256');
    for (let at = 0; at < size;) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE, size - at), at);
      // It was truncated in the meantime.
      if (bytesRead === 0) return undefined;
      hash.update(bytes.subarray(at, at + bytesRead));
      at += bytesRead;
    }
    return { bytes, sum: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

/** @returns the content's SHA-256 */
async function writeDurably(file: string, content: readonly Uint8Array[]): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  try {
    for (const piece of content) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

function pieces(content: FileContent): readonly Uint8Array[] {
  if (typeof content === 'string') return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}
