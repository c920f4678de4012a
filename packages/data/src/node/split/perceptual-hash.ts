import { drawPixels } from '../../pixels/draw-pixels.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import { drawingOf, type Policy } from '../../policies/policy.ts';
import { createRandom } from '../../rng.ts';

/** Side of the picture that is hashed, and of the part of its spectrum that makes the bits. */
const SIDE = 32;
const LOW = 8;
/** With fewer grey levels, only noise would decide the bits. */
const LEAST_LEVELS = 8;

/** 64 bits: the first 32 and the last 32. */
export type PerceptualHash = readonly [high: number, low: number];

/** How images are made for {@link perceptualHash}. */
const perceptualHashPolicy: Policy = {
  version: 1,
  name: 'perceptualHash',
  output: { width: SIDE, height: SIDE },
  steps: [{ op: 'resize', width: SIDE, height: SIDE, interpolation: 'bicubic', antialias: true }],
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
 * Source: `phash` of the Python package imagehash, which resizes grey levels with PIL's Lanczos filter
 * instead of colours with its bicubic one; up to 2 of 64 bits differ from it on photos.
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

/** {@link perceptualHash} of a decoded picture of any size. */
export function perceptualHashOf(image: RgbImage): PerceptualHash | undefined {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  // The policy draws nothing at random.
  drawPixels(image, drawingOf(perceptualHashPolicy, image, createRandom(0, 'hash')), pixels);
  return perceptualHash(pixels);
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

/** Adds neighbouring bits, pairs and groups of four; the product sums the four bytes. */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
