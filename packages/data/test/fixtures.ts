import { readFileSync } from 'node:fs';

/** A fixture file of `src/fixtures`, as written by its script. */
export function readFixtures(
  name:
    | 'tensorflow'
    | 'torchvision'
    | 'rectangle'
    | 'augment'
    | 'mixing'
    | 'jpeg'
    | 'pictures'
    | 'corruptions'
    | 's3-signatures',
): unknown {
  return JSON.parse(readFileSync(new URL(`../src/fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** Decodes base64 levels of a fixture. */
export function levels(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** The largest difference between two pictures in levels; infinite if their lengths differ. */
export function largestDifference(ours: Uint8Array, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  return ours.reduce((most, level, i) => Math.max(most, Math.abs(level - theirs[i]!)), 0);
}
