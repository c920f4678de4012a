import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Path of a file written by scripts/make-weights-fixtures.py. */
export function kerasFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/keras/${name}`, import.meta.url));
}

/** Its bytes, decompressed if necessary. */
export function kerasBytes(name: string): Uint8Array<ArrayBuffer> {
  const bytes = readFileSync(kerasFile(name));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}
