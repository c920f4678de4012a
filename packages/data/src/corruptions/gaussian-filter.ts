import { paddedIndex, type PaddingMode } from '../geometry/padded-index.ts';
import type { FloatPicture } from './float-picture.ts';

export interface GaussianFilterOptions {
  /** Standard deviation in pixels, above 0. */
  sigma: number;
  /** The kernel ends at this number of standard deviations. */
  truncate: number;
  /** What is outside the picture. scipy calls `edge` "nearest", and `symmetric` "reflect". */
  mode: Exclude<PaddingMode, 'constant'>;
}

/** Gaussian blur of each channel, like `scipy.ndimage.gaussian_filter`. */
export function gaussianFilter(
  picture: FloatPicture,
  options: GaussianFilterOptions,
): FloatPicture {
  const { width, height, channels, values } = picture;
  const rows = axisWeights(height, options);
  const length = width * channels;
  const vertical = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    const to = y * length;
    for (let tap = rows.first[y]!; tap < rows.end[y]!; tap++) {
      const weight = rows.weights[y * height + tap]!;
      const from = tap * length;
      for (let i = 0; i < length; i++) vertical[to + i]! += weight * values[from + i]!;
    }
  }
  const columns = axisWeights(width, options);
  const blurred = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += length) {
    for (let x = 0; x < width; x++) {
      const [first, end, to] = [columns.first[x]!, columns.end[x]!, start + x * channels];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let tap = first, from = start + first * channels + c; tap < end; tap++) {
          sum += columns.weights[x * width + tap]! * vertical[from]!;
          from += channels;
        }
        blurred[to + c] = sum;
      }
    }
  }
  return { ...picture, values: blurred };
}

/**
 * The weight of each source position for each output position, `length` x `length`, and where a
 * row's weights begin and end. Taps outside the picture are added to the pixels they show, so a
 * kernel much wider than the picture costs no more than the picture.
 */
interface AxisWeights {
  weights: Float64Array;
  first: Int32Array;
  end: Int32Array;
}

/** Of the last axes: pictures of one size follow each other. */
const recent = new Map<string, AxisWeights>();
const MOST_RECENT = 8;

function axisWeights(length: number, options: GaussianFilterOptions): AxisWeights {
  const key = JSON.stringify([length, options.sigma, options.truncate, options.mode]);
  const known = recent.get(key);
  if (known) return known;
  if (recent.size >= MOST_RECENT) recent.clear();
  const made = makeAxisWeights(length, options);
  recent.set(key, made);
  return made;
}

function makeAxisWeights(
  length: number,
  { sigma, truncate, mode }: GaussianFilterOptions,
): AxisWeights {
  const radius = Math.floor(truncate * sigma + 0.5);
  const kernel = gaussianKernel(radius, sigma);
  const weights = new Float64Array(length * length);
  const first = new Int32Array(length).fill(length);
  const end = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    for (let tap = -radius; tap <= radius; tap++) {
      const source = paddedIndex(i + tap, length, mode);
      weights[i * length + source]! += kernel[tap + radius]!;
      first[i] = Math.min(first[i]!, source);
      end[i] = Math.max(end[i]!, source + 1);
    }
  }
  return { weights, first, end };
}

/** 2 x radius + 1 densities with the sum 1. */
function gaussianKernel(radius: number, sigma: number): Float64Array {
  const densities = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = densities.reduce((total, density) => total + density, 0);
  return densities.map((density) => density / sum);
}
