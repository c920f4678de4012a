import {
  contractPolicy,
  createRandom,
  drawingOf,
  drawPixels,
  normalisePixels,
  type Policy,
  type PreprocessingContract,
  type RgbImage,
} from '@fixres/data';
import {
  input,
  layers,
  type LayersModel,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

/** A model whose output is its input: what an export in front of it prepares. */
export function unchanged(shape: number[]): LayersModel {
  const image = input({ shape });
  const outputs = layers.activation({ activation: 'linear' }).apply(image) as SymbolicTensor;
  return model({ inputs: image, outputs });
}

/** A policy whose crop extends beyond the resized image. */
export const bordered: Policy = {
  version: 1,
  name: 'bordered',
  output: { width: 64, height: 64 },
  steps: [
    { op: 'resizeLongSide', side: 61, interpolation: 'bilinear', antialias: true },
    { op: 'centerCrop', width: 64, height: 64, rounding: 'half-even', pad: [10, 200, 30] },
  ],
};

/** How much prepared numbers differ from those of fixres, in levels. */
export function levelDifferences(
  image: RgbImage,
  contract: PreprocessingContract,
  prepared: ArrayLike<number | bigint>,
): number[] {
  const { normalisation, input: size } = contract;
  const levels = new Uint8Array(size.height * size.width * 3);
  drawPixels(image, drawingOf(contractPolicy(contract), image, createRandom(0)), levels);
  const step =
    normalisation.kind === 'scale' ? normalisation.scale : 1 / 255 / Math.min(...normalisation.std);
  return Array.from(
    normalisePixels(levels, contract),
    (value, i) => Math.abs(value - Number(prepared[i])) / step,
  );
}
