import type { RgbImage } from '../pixels/rgb-image.ts';

/**
 * Compresses as a JPEG file with colours at half the resolution (4:2:0), and decodes it: the steps of
 * libjpeg with its standard tables, without the lossless coding. Coefficients are computed in
 * floating point, so single levels differ slightly from those of libjpeg's integers, and a block differs
 * more if a coefficient is so near to half a step that the integers round it to the other side.
 *
 * Source: ITU-T T.81 (1992), annexes A and K; the colours of JFIF.
 *
 * @param quality 1 to 100
 */
export function jpegRoundTrip({ width, height, data }: RgbImage, quality: number): void {
  const pixels = width * height;
  const luma = plane(width, height);
  const blue = plane(width, height);
  const red = plane(width, height);
  for (let i = 0; i < pixels; i++) {
    const [r, g, b] = [data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!];
    luma.levels[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    blue.levels[i] = Math.round(-0.168_735_892 * r - 0.331_264_108 * g + 0.5 * b + 128 - 1e-9);
    red.levels[i] = Math.round(0.5 * r - 0.418_687_589 * g - 0.081_312_411 * b + 128 - 1e-9);
  }
  const y = quantised(luma, tableAt(LUMA_TABLE, quality));
  const colours = [blue, red].map((full) =>
    doubled(quantised(halved(full), tableAt(COLOUR_TABLE, quality)), width, height),
  );
  const [cb, cr] = colours as [Plane, Plane];
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < pixels; i++) {
    const [light, b, r] = [y.levels[i]!, cb.levels[i]! - 128, cr.levels[i]! - 128];
    out[i * 3] = light + 1.402 * r;
    out[i * 3 + 1] = light - 0.344_136_286 * b - 0.714_136_286 * r;
    out[i * 3 + 2] = light + 1.772 * b;
  }
}

/** Levels of one channel, row by row. */
interface Plane {
  width: number;
  height: number;
  levels: Uint8ClampedArray;
}

function plane(width: number, height: number): Plane {
  return { width, height, levels: new Uint8ClampedArray(width * height) };
}

/** Means of 2 x 2 levels. Halves are rounded down and up in turn, so that the mean stays. */
function halved({ width, height, levels }: Plane): Plane {
  const half = plane(Math.ceil(width / 2), Math.ceil(height / 2));
  for (let y = 0; y < half.height; y++) {
    const [top, bottom] = [2 * y * width, Math.min(2 * y + 1, height - 1) * width];
    for (let x = 0; x < half.width; x++) {
      const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
      const sum =
        levels[top + left]! +
        levels[top + right]! +
        levels[bottom + left]! +
        levels[bottom + right]!;
      half.levels[y * half.width + x] = (sum + 1 + (x % 2)) >> 2;
    }
  }
  return half;
}

/** Enlarges by two with a triangle filter: 3/4 of the nearer and 1/4 of the farther level, on each axis. */
function doubled(half: Plane, width: number, height: number): Plane {
  const full = plane(width, height);
  const { levels } = half;
  const sums = new Int32Array(half.width);
  for (let y = 0; y < height; y++) {
    const near = (y >> 1) * half.width;
    const beside = (y >> 1) + (y % 2 === 0 ? -1 : 1);
    const far = Math.min(Math.max(beside, 0), half.height - 1) * half.width;
    for (let x = 0; x < half.width; x++) sums[x] = 3 * levels[near + x]! + levels[far + x]!;
    for (let x = 0; x < width; x++) {
      const [column, isRight] = [x >> 1, x % 2];
      const other = Math.min(Math.max(column + (isRight ? 1 : -1), 0), half.width - 1);
      full.levels[y * width + x] = (3 * sums[column]! + sums[other]! + 8 - isRight) >> 4;
    }
  }
  return full;
}

/** The quantisation tables of annex K, row by row. */
const LUMA_TABLE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const COLOUR_TABLE = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** A table for a quality, as libjpeg scales it. */
function tableAt(table: readonly number[], quality: number): number[] {
  const percent = quality < 50 ? Math.trunc(5000 / quality) : 200 - 2 * quality;
  return table.map((step) => Math.min(Math.max(Math.trunc((step * percent + 50) / 100), 1), 255));
}

/** `COSINES[u * 8 + x]`: the orthonormal cosine transform of 8 values. */
const COSINES = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/** Rounds the coefficients of each block of 8 x 8 to the steps of a table. */
function quantised({ width, height, levels }: Plane, steps: readonly number[]): Plane {
  const result = plane(width, height);
  const block = new Float64Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i++) {
        // The last rows and columns continue beyond the picture.
        const y = Math.min(top + (i >> 3), height - 1);
        const x = Math.min(left + (i & 7), width - 1);
        block[i] = levels[y * width + x]! - 128;
      }
      transform(block, false);
      for (let i = 0; i < 64; i++) block[i] = inSteps(block[i]!, steps[i]!) * steps[i]!;
      transform(block, true);
      for (let i = 0; i < 64; i++) {
        const [y, x] = [top + (i >> 3), left + (i & 7)];
        if (y < height && x < width) result.levels[y * width + x] = block[i]! + 128;
      }
    }
  }
  return result;
}

/** Whole steps of a coefficient. libjpeg has coefficients in eighths; a half step is rounded away from zero. */
function inSteps(coefficient: number, step: number): number {
  const eighths = Math.round(8 * Math.abs(coefficient));
  return Math.sign(coefficient) * Math.floor((eighths + 4 * step) / (8 * step));
}

const half = new Float64Array(64);

/** The cosine transform of a block, or its inverse, in place. */
function transform(block: Float64Array, isInverse: boolean): void {
  const cosine = (u: number, x: number): number => COSINES[isInverse ? x * 8 + u : u * 8 + x]!;
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += cosine(u, x) * block[y * 8 + x]!;
      half[y * 8 + u] = sum;
    }
  }
  for (let v = 0; v < 8; v++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += cosine(v, y) * half[y * 8 + u]!;
      block[v * 8 + u] = sum;
    }
  }
}
