import type { Rect, Size } from '../geometry/view.ts';
import { symmetricBeta } from '../random-variates.ts';
import { createRandom, type Random } from '../rng.ts';
import { mixDefaults, type MixSettings } from './mix-settings.ts';

/**
 * How a batch is mixed: image `i` with image `b - 1 - i`, as in timm. Plain data.
 *
 * `weight`, 0..1, is that of the image itself and of its label; the other one has the rest.
 */
export type BatchMix =
  /** Levels are the weighted mean of the two images. */
  | { kind: 'mixup'; weight: number }
  /** `part` of the image is replaced by the same part of the other one. */
  | { kind: 'cutmix'; weight: number; part: Rect };

/** Where a batch is in a training. */
export interface BatchPlace {
  seed: number;
  epoch: number;
  /** Number of the step within the epoch, from 0. */
  step: number;
}

/**
 * Draws how a batch is mixed. It depends only on the arguments, so a resumed run mixes its batches
 * in the same way.
 *
 * @returns undefined if the batch is not mixed
 */
export function drawMix(
  settings: MixSettings,
  size: Size,
  { seed, epoch, step }: BatchPlace,
): BatchMix | undefined {
  const random = createRandom(seed, 'mix', epoch, step);
  const { mixup, cutmix, probability, switchProbability } = { ...mixDefaults, ...settings };
  if (random.next() >= probability) return undefined;
  const isCutmix =
    mixup === undefined || (cutmix !== undefined && random.next() < switchProbability);
  if (isCutmix) return cutmix === undefined ? undefined : drawCutmix(cutmix, size, random);
  return { kind: 'mixup', weight: symmetricBeta(mixup, random) };
}

/**
 * A rectangle with the image's aspect ratio, centred at a random pixel; what is outside the image
 * is cut off. The weight is the fraction of the area that remains (Yun et al. 2019, section 3.1,
 * with timm's correction for what is cut off).
 */
function drawCutmix(alpha: number, { width, height }: Size, random: Random): BatchMix {
  const side = Math.sqrt(1 - symmetricBeta(alpha, random));
  const [high, wide] = [Math.floor(height * side), Math.floor(width * side)];
  const [row, column] = [random.int(height), random.int(width)];
  const [top, bottom] = limits(row, high, height);
  const [left, right] = limits(column, wide, width);
  const part = { x: left, y: top, width: right - left, height: bottom - top };
  return { kind: 'cutmix', part, weight: 1 - (part.width * part.height) / (width * height) };
}

function limits(centre: number, length: number, side: number): [start: number, end: number] {
  return [
    Math.max(centre - Math.floor(length / 2), 0),
    Math.min(centre + Math.floor((length + 1) / 2), side),
  ];
}
