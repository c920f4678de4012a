import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { FixresFinetuneError } from '../errors.ts';
import {
  decodeRecord,
  encodeRecord,
  HEADER_BYTES,
  recordBytes,
  type RecordLayout,
  SCALE_OFFSET,
} from '../feature-cache/feature-record.ts';
import type { FeatureStore } from '../feature-cache/feature-store.ts';

/** Space at the start of the file for a description of its content. */
const PREAMBLE_BYTES = 4096;

export interface FileStoreOptions extends RecordLayout {
  /** Path of the file. */
  file: string;
  /**
   * Identifies the features: weights of the trunk, images, policy. The file is then kept, and a
   * later store with the same key and layout continues with it; a store with another key starts
   * empty. Without a key the file is private: it has no name once it is open, and disappears when
   * this process ends for any reason.
   */
  key?: string;
}

/**
 * Stores features in a file: one record per view, at the position of its number, so there is no
 * index to keep consistent. Every record has a checksum. A missing, truncated or damaged record
 * counts as not written.
 *
 * @throws FixresFinetuneError `cache-file` if the file cannot be created
 */
export async function fileStore(options: FileStoreOptions): Promise<FeatureStore> {
  const { file, key } = options;
  try {
    const handle =
      key === undefined ? await openScratch(file) : await openKept(file, preamble(options, key));
    const known = key === undefined ? new Set<number>() : await presentRecords(handle, options);
    return new FileStore(file, handle, options, known);
  } catch (error) {
    throw cacheFileError(file, error);
  }
}

class FileStore implements FeatureStore {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #layout: RecordLayout;
  readonly #bytes: number;
  readonly #known: Set<number>;
  /** Records of finished reads and writes, for reuse. */
  readonly #spare: Uint8Array[] = [];
  #open = true;

  constructor(
    file: string,
    handle: FileHandle,
    { precision, length }: RecordLayout,
    known: Set<number>,
  ) {
    this.#file = file;
    this.#handle = handle;
    this.#layout = { precision, length };
    this.#bytes = recordBytes(this.#layout);
    this.#known = known;
  }

  has(view: number): boolean {
    return this.#known.has(view);
  }

  async read(view: number, into: Float32Array): Promise<boolean> {
    if (!this.#known.has(view)) return false;
    const record = this.#spare.pop() ?? new Uint8Array(this.#bytes);
    const { bytesRead } = await this.#handle.read(record, 0, this.#bytes, this.#position(view));
    const whole = bytesRead === this.#bytes && checksum(record) === storedChecksum(record);
    if (whole) decodeRecord(this.#layout, record, into);
    else this.#known.delete(view);
    this.#spare.push(record);
    return whole;
  }

  async write(view: number, values: Float32Array): Promise<void> {
    const record = this.#spare.pop() ?? new Uint8Array(this.#bytes);
    encodeRecord(this.#layout, values, record);
    new DataView(record.buffer).setUint32(0, checksum(record), true);
    try {
      // A nearly full disk accepts a part before it fails.
      for (let written = 0; written < this.#bytes;) {
        const { bytesWritten } = await this.#handle.write(
          record,
          written,
          this.#bytes - written,
          this.#position(view) + written,
        );
        written += bytesWritten;
      }
    } catch (error) {
      throw cacheFileError(this.#file, error);
    }
    this.#spare.push(record);
    this.#known.add(view);
  }

  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#known.clear();
    this.#spare.length = 0;
    await this.#handle.close();
  }

  #position(view: number): number {
    return PREAMBLE_BYTES + view * this.#bytes;
  }
}

async function openScratch(file: string): Promise<FileHandle> {
  const name = `${file}.${randomUUID()}.partial`;
  const handle = await open(name, 'wx+');
  try {
    await rm(name);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens a file with this header: the existing one, or a new one in its place. */
async function openKept(file: string, begin: Uint8Array): Promise<FileHandle> {
  const present = await open(file, 'r+').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (present !== undefined) {
    const found = new Uint8Array(PREAMBLE_BYTES);
    await present.read(found, 0, PREAMBLE_BYTES, 0);
    if (Buffer.compare(found, begin) === 0) return present;
    await present.close();
  }
  const partial = `${file}.${randomUUID()}.partial`;
  const made = await open(partial, 'wx+');
  try {
    await made.write(begin, 0, PREAMBLE_BYTES, 0);
    await rename(partial, file);
    return made;
  } catch (error) {
    await made.close();
    await rm(partial, { force: true });
    throw error;
  }
}

/** The records whose writing was started; reading checks whether they are complete. */
async function presentRecords(handle: FileHandle, layout: RecordLayout): Promise<Set<number>> {
  const bytes = recordBytes(layout);
  const present = new Set<number>();
  const { size } = await handle.stat();
  const header = new Uint8Array(HEADER_BYTES);
  for (let view = 0; PREAMBLE_BYTES + (view + 1) * bytes <= size; view++) {
    await handle.read(header, 0, HEADER_BYTES, PREAMBLE_BYTES + view * bytes);
    // A scale is never 0, but a hole in the file is always 0.
    if (header.some((byte) => byte !== 0)) present.add(view);
  }
  return present;
}

function preamble({ precision, length }: RecordLayout, key: string): Uint8Array {
  const text = JSON.stringify({ format: 'fixres-features', version: 1, key, precision, length });
  const begin = Buffer.alloc(PREAMBLE_BYTES, '\n');
  if (Buffer.byteLength(text) > PREAMBLE_BYTES) {
    throw new FixresFinetuneError(
      'bad-cache',
      `key: received ${key.length} characters; allowed are about ${PREAMBLE_BYTES - 200}`,
    );
  }
  begin.write(text);
  return begin;
}

function checksum(record: Uint8Array): number {
  return crc32(record.subarray(SCALE_OFFSET));
}

function storedChecksum({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getUint32(0, true);
}

function cacheFileError(file: string, cause: unknown): FixresFinetuneError {
  if (cause instanceof FixresFinetuneError) return cause;
  return new FixresFinetuneError(
    'cache-file',
    `Features cannot be kept in ${JSON.stringify(file)}: ${(cause as Error).message}`,
    { cause },
  );
}
