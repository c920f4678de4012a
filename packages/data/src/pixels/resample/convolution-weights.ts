import type { View } from '../../geometry/view.ts';
import { wholePixels } from '../whole-pixels.ts';

/**
 * For each output position on one axis: the first source position of its taps, how many there are,
 * and their weights.
 */
export interface ConvolutionWeights {
  first: Int32Array;
  count: Int32Array;
  /**
   * `taps` weights per output position in fixed point with {@link WEIGHT_BITS} bits; they sum to
   * one.
   */
  weights: Int32Array;
  taps: number;
}

/**
 * Fractional bits: the most for which 8-bit levels times weights fit into 32 bits, with room for
 * the overshoot of the bicubic filter.
 */
export const WEIGHT_BITS = 22;

interface Filter {
  /** Half of the filter's width, in source pixels, without antialiasing. */
  support: number;
  at: (distance: number) => number;
}

const filters: Record<'bilinear' | 'bicubic', Filter> = {
  bilinear: { support: 1, at: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, at: (distance) => keysCubic(Math.abs(distance)) },
};

/** Keys' cubic with a = -0.5, as in PIL and `tf.image.resize`. */
function keysCubic(x: number): number {
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

interface FilterOptions {
  interpolation: 'bilinear' | 'bicubic';
  antialias: boolean;
}

interface AxisOptions extends FilterOptions {
  /**
   * The part of the source axis that is resized, in pixels; may be fractional. Taps are never
   * outside it.
   */
  start: number;
  length: number;
  /** Length of the resized axis, and which positions of it are needed. */
  resizedLength: number;
  offset: number;
  count: number;
}

/** The weights of a view's columns and rows. */
export function viewWeights(
  { region, resized, window }: View,
  filter: FilterOptions,
): { columns: ConvolutionWeights; rows: ConvolutionWeights } {
  return {
    columns: convolutionWeights({
      ...filter,
      start: region.x,
      length: region.width,
      resizedLength: resized.width,
      offset: window.x,
      count: window.width,
    }),
    rows: convolutionWeights({
      ...filter,
      start: region.y,
      length: region.height,
      resizedLength: resized.height,
      offset: window.y,
      count: window.height,
    }),
  };
}

/**
 * Weights as PIL computes them: taps beyond the border are dropped, and the rest is scaled to sum
 * to one.
 */
function convolutionWeights(options: AxisOptions): ConvolutionWeights {
  const { interpolation, antialias, start, length, resizedLength, offset, count } = options;
  const filter = filters[interpolation];
  const scale = length / resizedLength;
  const widening = antialias ? Math.max(scale, 1) : 1;
  const support = filter.support * widening;
  const [low, high] = wholePixels(start, length);
  const taps = Math.ceil(support) * 2 + 1;
  const result = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * taps),
    taps,
  };
  const row = new Float64Array(taps);
  for (let i = 0; i < count; i++) {
    const centre = start + (i + offset + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), low);
    const end = Math.min(Math.trunc(centre + support + 0.5), high);
    let sum = 0;
    for (let tap = first; tap < end; tap++)
      sum += row[tap - first] = filter.at((tap - centre + 0.5) / widening);
    for (let tap = 0; tap < end - first; tap++)
      result.weights[i * taps + tap] = Math.round((row[tap]! / sum) * 2 ** WEIGHT_BITS);
    result.first[i] = first;
    result.count[i] = end - first;
  }
  return result;
}
