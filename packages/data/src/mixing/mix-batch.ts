import type { BatchMix } from './draw-mix.ts';

/** The parts of a batch that mixing reads. */
export interface MixableBatch {
  /** images x height x width x 3 levels. */
  pixels: Uint8Array;
  /** [images, height, width, 3] */
  shape: readonly [number, number, number, number];
  /** Class index of each image. */
  labels: Int32Array;
  /** images x classes probabilities, instead of the labels. */
  targets?: Float32Array | undefined;
}

/** A mixed batch. */
export interface MixedBatch {
  pixels: Uint8Array;
  /** images x classes: the weights of the classes of each image, with the sum 1. */
  targets: Float32Array;
  /** The class with the larger weight of each image; its own at one half each. */
  labels: Int32Array;
}

/**
 * Mixes image `i` of a batch with image `b - 1 - i`, and their targets. The middle image of an odd
 * number stays as it is. Weighted levels are rounded, half to even, as in timm's `FastCollateMixup`.
 *
 * @param classes number of classes
 * @param out receives the pixels; at least as long as those of the batch, and not the same
 */
export function mixBatch(
  batch: MixableBatch,
  mix: BatchMix,
  classes: number,
  out: Uint8Array,
): MixedBatch {
  const { labels, targets = oneHot(labels, classes) } = batch;
  return {
    pixels: mixPixels(batch, mix, out),
    targets: mixTargets(targets, labels.length, mix.weight),
    labels: mix.weight >= 0.5 ? labels : labels.toReversed(),
  };
}

/** The pixels of {@link mixBatch} alone. @param out as there */
export function mixPixels(
  { pixels, shape }: Pick<MixableBatch, 'pixels' | 'shape'>,
  mix: BatchMix,
  out: Uint8Array,
): Uint8Array {
  const mixed = out.subarray(0, pixels.length);
  if (mix.kind === 'mixup') mixLevels(pixels, shape, mix.weight, mixed);
  else cutLevels(pixels, shape, mix, mixed);
  return mixed;
}

function oneHot(labels: Int32Array, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  for (const [i, label] of labels.entries()) targets[i * classes + label] = 1;
  return targets;
}

/** In single precision, like timm. */
function mixLevels(
  pixels: Uint8Array,
  [images, height, width]: MixableBatch['shape'],
  weight: number,
  out: Uint8Array,
): void {
  const own = Float32Array.from({ length: 256 }, (_, level) => level * Math.fround(weight));
  const other = Float32Array.from({ length: 256 }, (_, level) => level * Math.fround(1 - weight));
  // Assignment rounds half to even.
  const rounded = new Uint8ClampedArray(out.buffer, out.byteOffset, out.length);
  const length = height * width * 3;
  for (let image = 0; image < images; image++) {
    const start = image * length;
    const partner = (images - 1 - image) * length;
    if (start === partner) {
      out.set(pixels.subarray(start, start + length), start);
      continue;
    }
    for (let i = 0; i < length; i++)
      rounded[start + i] = Math.fround(own[pixels[start + i]!]! + other[pixels[partner + i]!]!);
  }
}

function cutLevels(
  pixels: Uint8Array,
  [images, height, width]: MixableBatch['shape'],
  { part }: BatchMix & { kind: 'cutmix' },
  out: Uint8Array,
): void {
  out.set(pixels);
  const length = height * width * 3;
  for (let image = 0; image < images; image++) {
    for (let y = part.y; y < part.y + part.height; y++) {
      const from = (y * width + part.x) * 3;
      const start = (images - 1 - image) * length + from;
      out.set(pixels.subarray(start, start + part.width * 3), image * length + from);
    }
  }
}

function mixTargets(targets: Float32Array, images: number, weight: number): Float32Array {
  const classes = targets.length / images;
  return targets.map((target, i) => {
    const image = Math.floor(i / classes);
    const partner = (images - 1 - image) * classes + (i % classes);
    return target * weight + targets[partner]! * (1 - weight);
  });
}
