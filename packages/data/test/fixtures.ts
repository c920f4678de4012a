import { readFileSync } from 'node:fs';

/** A fixture file of `src/fixtures`, as its script wrote it. */
export function readFixtures(name: 'tensorflow' | 'torchvision' | 'jpeg' | 'pictures'): unknown {
  return JSON.parse(readFileSync(new URL(`../src/fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** Levels that a fixture holds in base64. */
export function levels(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** The largest difference of two pictures in levels; pictures of different length differ infinitely. */
export function largestDifference(ours: Uint8Array, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  return ours.reduce((most, level, i) => Math.max(most, Math.abs(level - theirs[i]!)), 0);
}
