import type { RgbImage } from '../pixels/rgb-image.ts';
import type { Random } from '../rng.ts';

const clipped = (fraction: number): number => Math.min(Math.max(fraction, 0), 1) * 255;

/** Normal noise on each level. @param scale standard deviation, as a fraction of the range */
export function gaussianNoise(
  { data }: RgbImage,
  scale: number,
  random: Pick<Random, 'normal'>,
): void {
  for (let i = 0; i < data.length; i++) data[i] = clipped(data[i]! / 255 + scale * random.normal());
}

/** Poisson noise: a white level is this number of photons on average. */
export function shotNoise({ data }: RgbImage, photons: number, random: Pick<Random, 'next'>): void {
  // There are only 256 means.
  const cumulative = new Map<number, Float64Array>();
  for (let i = 0; i < data.length; i++) {
    const level = data[i]!;
    let table = cumulative.get(level);
    if (table === undefined) {
      table = poissonTable((level / 255) * photons);
      cumulative.set(level, table);
    }
    data[i] = clipped(countBelow(table, random.next()) / photons);
  }
}

/** Probabilities of at most 0, 1, 2 ... events; those of the last one are 1 within rounding. */
function poissonTable(mean: number): Float64Array {
  const table: number[] = [];
  let probability = Math.exp(-mean);
  let sum = probability;
  while (table.length < mean || probability > 1e-17) {
    table.push(sum);
    probability *= mean / table.length;
    sum += probability;
  }
  return Float64Array.from(table);
}

function countBelow(table: Float64Array, draw: number): number {
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle]! > draw) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Salt and pepper noise: each level becomes black or white, equally likely, with this probability.
 *
 * @param amount 0..1
 */
export function impulseNoise(
  { data }: RgbImage,
  amount: number,
  random: Pick<Random, 'next'>,
): void {
  for (let i = 0; i < data.length; i++) {
    const draw = random.next();
    if (draw < amount) data[i] = draw < amount / 2 ? 255 : 0;
  }
}
