import { paddedIndex, type PaddingMode } from '../geometry/padded-index.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';
import type { Random } from '../rng.ts';
import { type FloatPicture, fractionsOf, writeFractions } from './float-picture.ts';
import { gaussianFilter } from './gaussian-filter.ts';

export interface ElasticSettings {
  /** Factor of the smoothed noise that moves the pixels. */
  alpha: number;
  /** Standard deviation of its smoothing, in pixels. */
  sigma: number;
  /** Largest random shift of three points, in pixels, which an affine map follows. */
  affine: number;
}

/**
 * Stretches the picture by a random affine map, then moves each pixel by smooth noise (Simard et al.
 * 2003). Draws the shifts of three points, then the noise along x and along y.
 */
export function elasticTransform(
  image: RgbImage,
  { alpha, sigma, affine }: ElasticSettings,
  random: Pick<Random, 'uniform'>,
): void {
  const { width, height } = image;
  const [x, y] = [Math.floor(width / 2), Math.floor(height / 2)];
  const arm = Math.floor(Math.min(width, height) / 3);
  const points: Point[] = [
    [x + arm, y + arm],
    [x + arm, y - arm],
    [x - arm, y - arm],
  ];
  const moved = points.map(([px, py]): Point => [
    px + random.uniform(-affine, affine),
    py + random.uniform(-affine, affine),
  ]);
  const map = affineMap(moved, points);
  const stretched = warped(fractionsOf(image), 'reflect', (px, py) => [
    map[0] * px + map[1] * py + map[2],
    map[3] * px + map[4] * py + map[5],
  ]);
  const [right, down] = ['x', 'y'].map(() => {
    const noise = { width, height, channels: 1, values: new Float64Array(width * height) };
    for (let i = 0; i < noise.values.length; i++) noise.values[i] = random.uniform(-1, 1);
    return gaussianFilter(noise, { sigma, truncate: 3, mode: 'symmetric' }).values;
  }) as [Float64Array, Float64Array];
  const elastic = warped(stretched, 'symmetric', (px, py) => {
    const i = py * width + px;
    return [px + alpha * right[i]!, py + alpha * down[i]!];
  });
  writeFractions(elastic.values, image.data);
}

type Point = [x: number, y: number];

/** Coefficients a to f of (a x + b y + c, d x + e y + f), which maps three points to others. */
function affineMap(
  from: readonly Point[],
  to: readonly Point[],
): [number, number, number, number, number, number] {
  const [[x1, y1], [x2, y2], [x3, y3]] = from as [Point, Point, Point];
  const determinant = x1 * (y2 - y3) + x2 * (y3 - y1) + x3 * (y1 - y2);
  const row = (axis: 0 | 1): [number, number, number] => {
    const [t1, t2, t3] = to.map((point) => point[axis]) as [number, number, number];
    const a = (t1 * (y2 - y3) + t2 * (y3 - y1) + t3 * (y1 - y2)) / determinant;
    const b = (t1 * (x3 - x2) + t2 * (x1 - x3) + t3 * (x2 - x1)) / determinant;
    return [a, b, t1 - a * x1 - b * y1];
  };
  return [...row(0), ...row(1)];
}

/** Each pixel from another place of the picture, bilinear. */
function warped(
  picture: FloatPicture,
  mode: Exclude<PaddingMode, 'constant'>,
  source: (x: number, y: number) => Point,
): FloatPicture {
  const { width, height, channels, values } = picture;
  const out = new Float64Array(values.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [px, py] = source(x, y);
      const [left, top] = [Math.floor(px), Math.floor(py)];
      const [along, down] = [px - left, py - top];
      const column = paddedIndex(left, width, mode) * channels;
      const next = paddedIndex(left + 1, width, mode) * channels;
      const row = paddedIndex(top, height, mode) * width * channels;
      const below = paddedIndex(top + 1, height, mode) * width * channels;
      for (let c = 0; c < channels; c++) {
        const upper = values[row + column + c]! * (1 - along) + values[row + next + c]! * along;
        const lower = values[below + column + c]! * (1 - along) + values[below + next + c]! * along;
        out[to++] = upper * (1 - down) + lower * down;
      }
    }
  }
  return { ...picture, values: out };
}
