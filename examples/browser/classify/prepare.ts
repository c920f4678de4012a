import {
  contractPolicy,
  createRandom,
  drawingOf,
  drawPixels,
  normalisePixels,
  type PreprocessingContract,
  type RgbImage,
} from '@fixres/data';

/** A photo exactly as a contract states: [1, height, width, 3], resized, cropped and normalised. */
export function prepare(photo: RgbImage, contract: PreprocessingContract): Float32Array {
  const { input } = contract;
  const levels = new Uint8Array(input.width * input.height * 3);
  drawPixels(photo, drawingOf(contractPolicy(contract), photo, createRandom(0)), levels);
  return normalisePixels(levels, { ...contract, layout: 'NHWC' });
}
