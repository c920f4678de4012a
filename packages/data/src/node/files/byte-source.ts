import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { FixresDataError } from '../../errors.ts';
import { defaultImageLimits } from '../decode/image-limits.ts';
import { BLOCK_BYTES, readRemote } from '../remote/block-cache.ts';
import { RemoteFile } from '../remote/remote-file.ts';

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
  /** Where the file is, if it is not on this machine; `file` then names it in errors. */
  remote?: RemoteFile;
}

/** A path, or a file at an address. */
export type Place = string | RemoteFile;

/** How a place is named in errors. */
export function placeName(place: Place): string {
  return place instanceof RemoteFile ? place.shown : place;
}

/** A whole file, or an uncompressed part of one. */
export function fileSource(place: Place, length: number, start = 0): ByteSource {
  const source = {
    file: placeName(place),
    start,
    length,
    compression: 'none' as const,
    inflatedLength: length,
  };
  return place instanceof RemoteFile ? { ...source, remote: place } : source;
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
  const handle = await openSource(source);
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

/** Opens the file that a source is a part of. @throws those of {@link openForReading} */
export function openSource({ remote, file }: ByteSource): Promise<ReadableFile> {
  return openForReading(remote ?? file);
}

/** An open file, as Node opens it. */
export interface ReadableFile {
  stat(): Promise<{ size: number }>;
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

/** Bytes of a remote file that are fetched ahead where a file is read from start to end. */
const AHEAD_BYTES = 1 << 23;

/**
 * @param options.sequential whether the file will be read from start to end
 * @throws FixresDataError `not-found`; reading a remote file: those of `readRemote`
 */
export async function openForReading(
  place: Place,
  { sequential = false, signal }: { sequential?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<ReadableFile> {
  if (place instanceof RemoteFile) {
    const ahead = sequential ? AHEAD_BYTES / BLOCK_BYTES : 0;
    return {
      stat: () => Promise.resolve({ size: place.bytes }),
      read: async (buffer, offset, length, position) => {
        const bytes = await readRemote(place, position, length, { ahead, signal });
        buffer.set(bytes, offset);
        return { bytesRead: bytes.length };
      },
      close: () => Promise.resolve(),
    };
  }
  return open(place, 'r').catch((cause: unknown) => {
    throw new FixresDataError('not-found', `Cannot read ${place}: ${(cause as Error).message}`, {
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
  handle: ReadableFile,
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
