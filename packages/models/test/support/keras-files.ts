import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a file that scripts/make-weights-fixtures.py wrote. */
export function kerasFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/keras/${name}`, import.meta.url));
}

/** Its bytes. */
export function kerasBytes(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(kerasFile(name)));
}
