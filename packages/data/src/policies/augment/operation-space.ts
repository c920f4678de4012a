import type { Size } from '../../geometry/view.ts';
import { roundHalfEven } from '../../geometry/round-half-even.ts';
import { linspace } from './linspace.ts';

/** An operation of the automatic augmentations, with torchvision's names in our case. */
export type OperationName =
  | 'identity'
  | 'shearX'
  | 'shearY'
  | 'translateX'
  | 'translateY'
  | 'rotate'
  | 'brightness'
  | 'color'
  | 'contrast'
  | 'sharpness'
  | 'posterize'
  | 'solarize'
  | 'autoContrast'
  | 'equalize'
  | 'invert';

/** The strengths of an operation. */
interface Strengths {
  /** Whether the sign is drawn, one half each. */
  signed: boolean;
  /**
   * The strength in position `bin` of `bins`, for an image of this size: a shear, pixels, degrees,
   * a change of a factor, bits or a level. Absent for operations without a strength.
   */
  at?: (bin: number, bins: number, size: Size) => number;
}

/** Operations in torchvision's order, from which they are drawn. */
export type OperationSpace = readonly (readonly [OperationName, Strengths])[];

const none: Strengths = { signed: false };

/** Strengths evenly spaced from 0 to a number, of either sign. */
function upTo(most: number | ((size: Size) => number)): Strengths {
  return {
    signed: true,
    at: (bin, bins, size) => linspace(0, typeof most === 'number' ? most : most(size), bins, bin),
  };
}

/** From `most` bits to `range` fewer. */
function posterize(most: number, range: number): Strengths {
  return {
    signed: false,
    at: (bin, bins) => most - roundHalfEven(Math.fround(bin / ((bins - 1) / range))),
  };
}

const solarize: Strengths = { signed: false, at: (bin, bins) => linspace(255, 0, bins, bin) };

const geometric = (
  shear: number,
  rotation: number,
  translation: (side: number) => number,
): OperationSpace => [
  ['shearX', upTo(shear)],
  ['shearY', upTo(shear)],
  ['translateX', upTo(({ width }) => translation(width))],
  ['translateY', upTo(({ height }) => translation(height))],
  ['rotate', upTo(rotation)],
];

const colours = (most: number): OperationSpace => [
  ['brightness', upTo(most)],
  ['color', upTo(most)],
  ['contrast', upTo(most)],
  ['sharpness', upTo(most)],
];

const histogram: OperationSpace = [
  ['autoContrast', none],
  ['equalize', none],
];

/** A fraction of the side that was 150 of 331 pixels in the paper. */
const cubuk = geometric(0.3, 30, (side) => (150 / 331) * side);

export const randAugmentSpace: OperationSpace = [
  ['identity', none],
  ...cubuk,
  ...colours(0.9),
  ['posterize', posterize(8, 4)],
  ['solarize', solarize],
  ...histogram,
];

export const autoAugmentSpace: OperationSpace = [
  ...randAugmentSpace.filter(([name]) => name !== 'identity'),
  ['invert', none],
];

export const trivialAugmentWideSpace: OperationSpace = [
  ['identity', none],
  ...geometric(0.99, 135, () => 32),
  ...colours(0.99),
  ['posterize', posterize(8, 6)],
  ['solarize', solarize],
  ...histogram,
];

const augMixBase: OperationSpace = [
  ...geometric(0.3, 30, (side) => side / 3),
  ['posterize', posterize(4, 4)],
  ['solarize', solarize],
  ...histogram,
];

/** @param allOps whether it includes the operations on colours */
export function augMixSpace(allOps: boolean): OperationSpace {
  return allOps ? [...augMixBase, ...colours(0.9)] : augMixBase;
}
