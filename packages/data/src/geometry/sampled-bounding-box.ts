import type { Random } from '../rng.ts';
import { roundHalfEven } from './round-half-even.ts';
import type { Rect, Size } from './view.ts';

export interface SampledBoundingBoxOptions {
  /** Minimum and maximum area of the crop as a fraction of the image's area. */
  area: readonly [number, number];
  /** Minimum and maximum width / height of the crop; drawn uniformly. */
  aspectRatio: readonly [number, number];
  /** Attempts before the whole image is used. */
  maxAttempts: number;
}

/**
 * A random crop, drawn as in TensorFlow's `tf.image.sample_distorted_bounding_box` without bounding
 * boxes and with `min_object_covered = 0`: a uniform aspect ratio, then a uniform whole height
 * among those that keep the area in its range, then a uniform position. TensorFlow's quirks are
 * kept: rounding is half to even, and the last possible offset is never drawn.
 */
export function sampleBoundingBox(
  image: Size,
  options: SampledBoundingBoxOptions,
  random: Random,
): Rect {
  const [lowRatio, highRatio] = options.aspectRatio;
  for (let attempt = 0; attempt < options.maxAttempts; attempt++) {
    const crop = tryCrop(image, options.area, random.uniform(lowRatio, highRatio), random);
    if (crop) return crop;
  }
  return { x: 0, y: 0, width: image.width, height: image.height };
}

function tryCrop(
  image: Size,
  area: readonly [number, number],
  aspectRatio: number,
  random: Random,
): Rect | undefined {
  const minArea = area[0] * image.width * image.height;
  const maxArea = area[1] * image.width * image.height;

  let height = roundHalfEven(Math.sqrt(minArea / aspectRatio));
  let maxHeight = roundHalfEven(Math.sqrt(maxArea / aspectRatio));
  if (roundHalfEven(maxHeight * aspectRatio) > image.width) {
    maxHeight = Math.floor((image.width + 0.5 - 1e-7) / aspectRatio);
  }
  maxHeight = Math.min(maxHeight, image.height);
  height = height >= maxHeight ? maxHeight : height + random.int(maxHeight - height + 1);

  // Rounding can push the area slightly out of its range; one row more or less corrects it.
  const widthFor = (h: number): number => roundHalfEven(h * aspectRatio);
  if (widthFor(height) * height < minArea) height += 1;
  if (widthFor(height) * height > maxArea) height -= 1;
  const width = widthFor(height);

  const inRange = width * height >= minArea && width * height <= maxArea;
  if (!inRange || width > image.width || height > image.height || width < 1 || height < 1)
    return undefined;
  const y = height < image.height ? random.int(image.height - height) : 0;
  const x = width < image.width ? random.int(image.width - width) : 0;
  return { x, y, width, height };
}
