import type { Normalisation, PreprocessingContract } from './preprocessing-contract.ts';

/**
 * Converts levels to model inputs.
 *
 * @param pixels images x height x width x 3 levels, 0..255
 * @returns as many numbers, in the contract's layout
 */
export function normalisePixels(
  pixels: Uint8Array,
  contract: Pick<PreprocessingContract, 'normalisation' | 'channelOrder' | 'layout' | 'input'>,
): Float32Array<ArrayBuffer> {
  const tables = levelTables(contract.normalisation);
  const numbers = new Float32Array(pixels.length);
  const area = contract.input.width * contract.input.height;
  const planar = contract.layout === 'NCHW';
  const isBgr = contract.channelOrder === 'bgr';
  for (let i = 0; i < pixels.length; i++) {
    const channel = i % 3;
    const pixel = (i - channel) / 3;
    const colour = isBgr ? 2 - channel : channel;
    const target = planar ? (pixel - (pixel % area)) * 3 + channel * area + (pixel % area) : i;
    numbers[target] = tables[channel]![pixels[i - channel + colour]!]!;
  }
  return numbers;
}

/** One table of 256 numbers per channel. */
function levelTables(normalisation: Normalisation): Float32Array[] {
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, level) =>
      normalisation.kind === 'scale'
        ? level * normalisation.scale + normalisation.offset
        : (level / 255 - normalisation.mean[channel]!) / normalisation.std[channel]!,
    ),
  );
}
