import { closeSync, openSync, readSync } from 'node:fs';
import { FixresDataError } from '../../errors.ts';
import type { ImageLimits } from '../decode/image-limits.ts';
import { type ByteSource, readBytes, requireAllowedSize } from '../files/byte-source.ts';

/**
 * Number of files kept open. An archive is one file; a folder has one per image, and none is read
 * twice soon.
 */
const OPEN_FILES = 16;

/**
 * Reads sources for a worker thread. Files stay open and are read synchronously: a worker thread
 * may block on the disk, and three trips through libuv's pool per image cost more than the reading.
 */
export class SourceReader {
  readonly #open = new Map<string, number>();
  readonly #limits: ImageLimits;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
  }

  /** @throws FixresDataError as {@link readBytes} does */
  async read(source: ByteSource): Promise<Uint8Array> {
    if (source.compression !== 'none' || source.remote) return readBytes(source, this.#limits);
    requireAllowedSize(source, this.#limits.maxBytes);
    const bytes = Buffer.allocUnsafeSlow(source.length);
    let done = 0;
    try {
      const file = this.#handle(source.file);
      while (done < source.length) {
        const count = readSync(file, bytes, done, source.length - done, source.start + done);
        if (count === 0) break;
        done += count;
      }
    } catch (cause) {
      throw new FixresDataError(
        'not-found',
        `Cannot read ${source.file}: ${(cause as Error).message}`,
        { cause },
      );
    }
    // Reports a short file through the same code as readBytes.
    return done < source.length ? readBytes(source, this.#limits) : bytes;
  }

  /** Closes all files. */
  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #handle(path: string): number {
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    const [oldest] = this.#open;
    if (oldest && this.#open.size >= OPEN_FILES) {
      this.#open.delete(oldest[0]);
      closeSync(oldest[1]);
    }
    const file = openSync(path, 'r');
    this.#open.set(path, file);
    return file;
  }
}
