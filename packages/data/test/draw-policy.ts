import {
  createRandom,
  drawingOf,
  drawPixels,
  type Policy,
  type Random,
  type RgbImage,
} from '../src/index.ts';

/** Draws an image under a policy. */
export function drawPolicy(
  policy: Policy,
  image: RgbImage,
  random: Random = createRandom(0),
): Uint8Array {
  const out = new Uint8Array(policy.output.width * policy.output.height * 3);
  drawPixels(image, drawingOf(policy, image, random), out);
  return out;
}
