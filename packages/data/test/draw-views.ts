import type { Size, View } from '../src/geometry/view.ts';
import type { DrawView } from '../src/planner/apparent-size.ts';
import type { Random } from '../src/rng.ts';

const resizedTo = (region: Size, width: number, height: number): View => ({
  region: { x: 0, y: 0, width: region.width, height: region.height },
  resized: { width, height },
  window: { x: 0, y: 0, width, height },
  flip: false,
});

/**
 * Crops of uniform area, drawn again until they fit: the model of the FixRes paper, not of
 * TensorFlow's sampler.
 */
export function uniformAreaCrop(
  size: number,
  area: readonly [number, number],
  aspectRatio: readonly [number, number],
): DrawView {
  return (image: Size, random: Random): View => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const pixels = random.uniform(...area) * image.width * image.height;
      const ratio = Math.exp(random.uniform(Math.log(aspectRatio[0]), Math.log(aspectRatio[1])));
      const crop = {
        width: Math.round(Math.sqrt(pixels * ratio)),
        height: Math.round(Math.sqrt(pixels / ratio)),
      };
      if (crop.width <= image.width && crop.height <= image.height)
        return resizedTo(crop, size, size);
    }
    return resizedTo(image, size, size);
  };
}

/** The whole image, with its shorter side resized to `side`. */
export const shortSide =
  (side: number): DrawView =>
  (image) => {
    const scale = side / Math.min(image.width, image.height);
    return resizedTo(image, Math.round(image.width * scale), Math.round(image.height * scale));
  };
