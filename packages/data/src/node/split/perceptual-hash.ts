import type { Policy } from '../../policies/policy.ts';

/** Side of the picture that is hashed, and of the part of its spectrum that makes the bits. */
const SIDE = 32;
const LOW = 8;
/** With fewer grey levels, only noise would decide the bits. */
const LEAST_LEVELS = 8;

/** 64 bits: the first 32 and the last 32. */
export type PerceptualHash = readonly [high: number, low: number];

/** How images are made for {@link perceptualHash}. */
export const perceptualHashPolicy: Policy = {
  version: 1,
  name: 'perceptualHash',
  output: { width: SIDE, height: SIDE },
  steps: [{ op: 'resize', width: SIDE, height: SIDE, interpolation: 'lanczos3', antialias: true }],
};

/** Cosines of the first eight frequencies: `COSINES[k * 32 + i]`. */
const COSINES = Float64Array.from({ length: LOW * SIDE }, (_, at) => {
  const [k, i] = [Math.floor(at / SIDE), at % SIDE];
  return Math.cos((Math.PI * k * (2 * i + 1)) / (2 * SIDE));
});

/**
 * Perceptual hash of a picture (pHash): which of the 8 x 8 lowest frequencies of its grey levels are
 * above their median. It hardly changes if a picture is scaled, compressed again, or made a little
 * lighter; mirrored or cropped pictures have another.
 *
 * Source: `phash` of the Python package imagehash, which resizes grey levels with PIL instead of
 * colours with libvips; up to 2 of 64 bits differ from it on photos.
 *
 * @param pixels 32 x 32 x 3 levels, 0..255, RGB, under {@link perceptualHashPolicy}
 * @returns undefined for a picture with fewer than 8 different levels of grey from dark to light
 */
export function perceptualHash(pixels: Uint8Array): PerceptualHash | undefined {
  const grey = Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [r, g, b] = [pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!];
    // As PIL's mode L.
    return (19_595 * r + 38_470 * g + 7471 * b + 0x8000) >> 16;
  });
  const [darkest, lightest] = grey.reduce(
    ([low, high], level) => [Math.min(low, level), Math.max(high, level)] as const,
    [255, 0] as readonly [number, number],
  );
  if (lightest - darkest < LEAST_LEVELS) return undefined;
  const spectrum = lowFrequencies(grey);
  const sorted = spectrum.toSorted();
  const median = (sorted[LOW * 4 - 1]! + sorted[LOW * 4]!) / 2;
  const bits = (from: number): number =>
    spectrum
      .subarray(from, from + 32)
      .reduce((word, value) => ((word << 1) | (value > median ? 1 : 0)) >>> 0, 0);
  return [bits(0), bits(32)];
}

/** The 8 x 8 lowest frequencies of a 32 x 32 picture: type II cosine transform, row by row. */
function lowFrequencies(grey: Float64Array): Float64Array {
  const rows = new Float64Array(SIDE * LOW);
  for (let y = 0; y < SIDE; y++)
    for (let k = 0; k < LOW; k++)
      for (let x = 0; x < SIDE; x++)
        rows[y * LOW + k]! += grey[y * SIDE + x]! * COSINES[k * SIDE + x]!;
  const spectrum = new Float64Array(LOW * LOW);
  for (let k = 0; k < LOW; k++)
    for (let x = 0; x < LOW; x++)
      for (let y = 0; y < SIDE; y++)
        spectrum[k * LOW + x]! += rows[y * LOW + x]! * COSINES[k * SIDE + y]!;
  return spectrum;
}

/** Number of bits in which two hashes differ, 0 to 64. */
export function hashDistance(a: PerceptualHash, b: PerceptualHash): number {
  return bitCount(a[0] ^ b[0]) + bitCount(a[1] ^ b[1]);
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
