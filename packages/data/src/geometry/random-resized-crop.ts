import type { Random } from '../rng.ts';
import { roundHalfEven } from './round-half-even.ts';
import type { Rect, Size } from './view.ts';

export interface RandomResizedCropOptions {
  /** Minimum and maximum area of the crop as a fraction of the image's area; drawn uniformly. */
  scale: readonly [number, number];
  /** Minimum and maximum width / height of the crop; its logarithm is drawn uniformly. */
  ratio: readonly [number, number];
  /** Attempts before the fallback. */
  maxAttempts: number;
}

/**
 * A random crop, drawn as in torchvision's and timm's `RandomResizedCrop`. If no attempt fits,
 * returns the largest centred crop with the image's aspect ratio clamped to `ratio`.
 */
export function sampleResizedCrop(
  image: Size,
  { scale, ratio, maxAttempts }: RandomResizedCropOptions,
  random: Random,
): Rect {
  const area = image.width * image.height;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const targetArea = area * random.uniform(scale[0], scale[1]);
    const aspectRatio = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const width = roundHalfEven(Math.sqrt(targetArea * aspectRatio));
    const height = roundHalfEven(Math.sqrt(targetArea / aspectRatio));
    if (width >= 1 && width <= image.width && height >= 1 && height <= image.height) {
      const y = random.int(image.height - height + 1);
      const x = random.int(image.width - width + 1);
      return { x, y, width, height };
    }
  }
  return clampedCentre(image, ratio);
}

function clampedCentre(image: Size, ratio: readonly [number, number]): Rect {
  const imageRatio = image.width / image.height;
  // The height of a very thin image would round to zero.
  const height =
    imageRatio < ratio[0] ? Math.max(1, roundHalfEven(image.width / ratio[0])) : image.height;
  const width =
    imageRatio > ratio[1] ? Math.max(1, roundHalfEven(image.height * ratio[1])) : image.width;
  return {
    x: Math.floor((image.width - width) / 2),
    y: Math.floor((image.height - height) / 2),
    width,
    height,
  };
}
