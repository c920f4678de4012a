import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { FixresDataError } from '../errors.ts';

/**
 * Where the bytes of one encoded image lie: a whole file, or a part of an archive. Plain data, so that worker threads can read
 * for themselves.
 */
export interface ByteSource {
  file: string;
  /** First byte. */
  start: number;
  /** Number of bytes as stored. */
  length: number;
  /** How the bytes are stored: as they are, or as a raw deflate stream (zip). */
  compression: 'none' | 'deflate';
  /** Number of bytes after inflating; with `none` the same as `length`. */
  inflatedLength: number;
}

const inflate = promisify(inflateRaw);

/**
 * Reads the bytes of a source.
 *
 * @throws FixresDataError `not-found` when the file is gone, `damaged-archive` when it ends early or does not inflate to its stated size.
 */
export async function readBytes(source: ByteSource): Promise<Buffer> {
  let handle: FileHandle;
  try {
    handle = await open(source.file, 'r');
  } catch (cause) {
    throw new FixresDataError('not-found', `Cannot read ${source.file}: ${(cause as Error).message}`, { cause });
  }
  try {
    const stored = Buffer.alloc(source.length);
    const { bytesRead } = await handle.read(stored, 0, source.length, source.start);
    if (bytesRead < source.length) {
      const range = `bytes ${source.start} to ${source.start + source.length}`;
      throw new FixresDataError('damaged-archive', `${source.file} ends before ${range}; it is cut short or has changed.`);
    }
    return source.compression === 'none' ? stored : await inflated(stored, source);
  } finally {
    await handle.close();
  }
}

async function inflated(stored: Buffer, source: ByteSource): Promise<Buffer> {
  try {
    const bytes = await inflate(stored, { maxOutputLength: source.inflatedLength });
    if (bytes.length === source.inflatedLength) return bytes;
  } catch (cause) {
    throw new FixresDataError('damaged-archive', `An entry of ${source.file} cannot be inflated: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new FixresDataError('damaged-archive', `An entry of ${source.file} is shorter than the archive states.`);
}
