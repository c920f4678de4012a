import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { relative } from 'node:path';
import { writeFailed } from './write-failed.ts';

/**
 * A file of a run that grows record by record. A record is written at once, so that a crash loses
 * nothing from before it. A record that cannot be written completely is removed, so that the next
 * one does not follow a partial one.
 *
 * All methods throw FixresRunsError `write-failed`.
 */
export class AppendFile {
  readonly #run: string;
  readonly #name: string;
  readonly #file: number;

  /** @param run the folder of the run, for error messages */
  constructor(run: string, file: string) {
    this.#run = run;
    this.#name = relative(run, file);
    this.#file = this.#try(() => openSync(file, 'a'));
  }

  /** @param durably the record survives a loss of power once this resolves */
  append(record: string | Uint8Array, { durably = false }: { durably?: boolean } = {}): void {
    const bytes = typeof record === 'string' ? Buffer.from(record) : record;
    this.#try(() => {
      const before = fstatSync(this.#file).size;
      try {
        // A full disk accepts a part before it refuses.
        for (let written = 0; written < bytes.length;)
          written += writeSync(this.#file, bytes, written);
        if (durably) fsyncSync(this.#file);
      } catch (error) {
        this.#cut(before);
        throw error;
      }
    });
  }

  close(): void {
    // Network file systems report a full disk only now.
    this.#try(() => closeSync(this.#file));
  }

  #cut(size: number): void {
    try {
      ftruncateSync(this.#file, size);
    } catch {
      // The error that is thrown explains why the file cannot be written. Readers skip a partial
      // last record.
    }
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw writeFailed({ run: this.#run, what: this.#name }, cause);
    }
  }
}
