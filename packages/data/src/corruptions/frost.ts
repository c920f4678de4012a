import type { RgbImage } from '../pixels/rgb-image.ts';
import type { Random } from '../rng.ts';
import { type FloatPicture, fractionsOf, writeFractions } from './float-picture.ts';
import { plasmaFractal } from './plasma-fractal.ts';

/** Crystals in a square of 256 pixels, and the needles of each. */
const CRYSTALS = 220;
const NEEDLES = { least: 3, most: 7 };

/**
 * A computed frosted window, 0..1 with three channels: clouds of ice and star-shaped crystals. The
 * authors of ImageNet-C use photos of frost, which may not be copied. Mean, deviation and tint vary
 * over the range of those photos: means of 125 to 205 and deviations of 18 to 43 levels, blue 20
 * levels above red.
 */
export function frostLayer(
  { width, height }: { width: number; height: number },
  random: Pick<Random, 'uniform' | 'int'>,
): FloatPicture {
  const side = 2 ** Math.ceil(Math.log2(Math.max(width, height)));
  const cloud = plasmaFractal(side, 1.9, () => random.uniform(-1, 1));
  const ice = standardise(cloud);
  const needles = standardise(crystals(side, random));
  for (let i = 0; i < ice.length; i++) ice[i]! += needles[i]!;
  const texture = standardise(ice);
  const mean = random.uniform(125, 205);
  const deviation = random.uniform(18, 43);
  const values = new Float64Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = mean + deviation * texture[y * side + x]!;
      for (let tint = -10; tint <= 10; tint += 10)
        values[to++] = Math.min(Math.max(level + tint, 0), 255) / 255;
    }
  }
  return { width, height, channels: 3, values };
}

/** Needles that meet in points, each brightest there. */
function crystals(side: number, random: Pick<Random, 'uniform' | 'int'>): Float64Array {
  const map = new Float64Array(side * side);
  for (let crystal = 0; crystal < CRYSTALS * (side / 256) ** 2; crystal++) {
    const [x, y] = [random.uniform(0, side), random.uniform(0, side)];
    const needles = NEEDLES.least + random.int(NEEDLES.most - NEEDLES.least + 1);
    const turn = random.uniform(0, 2 * Math.PI);
    const length = random.uniform(6, 26);
    for (let needle = 0; needle < needles; needle++) {
      const angle = turn + (2 * Math.PI * needle) / needles + random.uniform(-0.3, 0.3);
      const [right, down] = [Math.cos(angle), Math.sin(angle)];
      for (let step = 0; step < length; step += 0.7) {
        const column = Math.floor(x + step * right + side) % side;
        const row = Math.floor(y + step * down + side) % side;
        map[row * side + column]! += 1 - step / length;
      }
    }
  }
  for (let i = 0; i < map.length; i++) map[i] = Math.min(map[i]!, 1.5);
  return map;
}

/** Gives the values mean 0 and standard deviation 1, in place. */
function standardise(values: Float64Array): Float64Array {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / values.length);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation;
  return values;
}

/**
 * Adds a layer of frost to a darkened picture.
 *
 * @param layer a value of 0..1 for each level
 */
export function addFrost(
  image: RgbImage,
  layer: Float64Array,
  { kept, strength }: { kept: number; strength: number },
): void {
  const { values } = fractionsOf(image);
  for (let i = 0; i < values.length; i++) values[i] = kept * values[i]! + strength * layer[i]!;
  writeFractions(values, image.data);
}
