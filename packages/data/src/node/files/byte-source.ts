import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { FixresDataError } from '../../errors.ts';
import { defaultImageLimits } from '../decode/image-limits.ts';

/**
 * Where to find the bytes of one encoded image: a whole file, or a part of an archive. Plain data,
 * so that worker threads can read it themselves.
 */
export interface ByteSource {
  file: string;
  /** First byte. */
  start: number;
  /** Stored number of bytes. */
  length: number;
  /** How the bytes are stored: uncompressed, or as a raw deflate stream (zip). */
  compression: 'none' | 'deflate';
  /** Number of bytes after inflating; equal to `length` for `none`. */
  inflatedLength: number;
}

/** A whole file, or an uncompressed part of one. */
export function fileSource(file: string, length: number, start = 0): ByteSource {
  return { file, start, length, compression: 'none', inflatedLength: length };
}

const inflate = promisify(inflateRaw);

/**
 * Reads the bytes of a source.
 *
 * @param limits `maxBytes`: larger sources are rejected. Default 128 MiB.
 * @throws FixresDataError `not-found` if the file no longer exists, `damaged-archive` if it ends
 * early or does not inflate to its stated size, `image-too-large`
 */
export async function readBytes(
  source: ByteSource,
  { maxBytes = defaultImageLimits.maxBytes }: { maxBytes?: number } = {},
): Promise<Buffer> {
  requireAllowedSize(source, maxBytes);
  const handle = await openForReading(source.file);
  try {
    const stored = await readRange(handle, source, 0, source.length);
    return source.compression === 'none' ? stored : await inflated(stored, source);
  } finally {
    await handle.close();
  }
}

/** @throws FixresDataError `image-too-large` */
export function requireAllowedSize(
  { file, length, inflatedLength }: ByteSource,
  maxBytes: number,
): void {
  const bytes = Math.max(length, inflatedLength);
  if (bytes <= maxBytes) return;
  throw new FixresDataError(
    'image-too-large',
    `An image of ${file} has ${bytes} bytes; at most ${maxBytes} are allowed (option ` +
      '"maxBytes").',
  );
}

/** @throws FixresDataError `not-found` */
export async function openForReading(file: string): Promise<FileHandle> {
  return open(file, 'r').catch((cause: unknown) => {
    throw new FixresDataError('not-found', `Cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    });
  });
}

/**
 * Reads `length` stored bytes of a source, starting at its byte `start`.
 *
 * @throws FixresDataError `damaged-archive` if the file ends before that
 */
export async function readRange(
  handle: FileHandle,
  source: ByteSource,
  start: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, source.start + start);
  if (bytesRead === length) return bytes;
  const range = `bytes ${source.start + start} to ${source.start + start + length}`;
  throw new FixresDataError(
    'damaged-archive',
    `${source.file} ends before ${range}; it is truncated or has changed.`,
  );
}

async function inflated(stored: Buffer, source: ByteSource): Promise<Buffer> {
  try {
    const bytes = await inflate(stored, { maxOutputLength: source.inflatedLength });
    if (bytes.length === source.inflatedLength) return bytes;
  } catch (cause) {
    throw new FixresDataError(
      'damaged-archive',
      `An entry of ${source.file} cannot be inflated: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  throw new FixresDataError(
    'damaged-archive',
    `An entry of ${source.file} is shorter than the archive states.`,
  );
}
