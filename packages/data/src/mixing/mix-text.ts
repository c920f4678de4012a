import type { BatchMix } from './draw-mix.ts';

/**
 * How an image was mixed, in a few words: `mixup: 30 % daisy`.
 *
 * @param other class of the image that is mixed in
 */
export function mixText({ kind, weight }: BatchMix, other: string): string {
  return `${kind}: ${Math.round(100 * (1 - weight))} % ${other}`;
}
