import { type FileHandle, open } from 'node:fs/promises';
import { Header } from 'tar/header';

const BLOCK = 512;

/** Writes files into a new tar archive, one after the other. The same files give the same archive. */
export class TarWriter {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Creates the file, which must not exist. */
  static async create(file: string): Promise<TarWriter> {
    return new TarWriter(await open(file, 'wx'));
  }

  /** Number of bytes that a file takes in an archive. */
  static sizeOf(length: number): number {
    return BLOCK + Math.ceil(length / BLOCK) * BLOCK;
  }

  /** @param path at most 100 bytes, the size of the field in a header */
  async add(path: string, bytes: Uint8Array): Promise<void> {
    const header = new Header({ path, mode: 0o644, size: bytes.length, mtime: new Date(0) });
    header.type = 'File';
    header.encode();
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    await this.#write([header.block!, bytes, padding]);
  }

  /** Writes the end of the archive and closes the file. */
  async finish(): Promise<void> {
    await this.#write([Buffer.alloc(2 * BLOCK)]);
    await this.#handle.sync();
    await this.#handle.close();
  }

  async #write(parts: Uint8Array[]): Promise<void> {
    await this.#handle.writev(parts);
  }
}
