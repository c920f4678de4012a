import type { RgbImage } from '../src/index.ts';

/** The same picture that `scripts/make-tensorflow-fixtures.py` computes. */
export function pattern(height: number, width: number): RgbImage {
  const data = new Uint8Array(height * width * 3);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) data[i++] = (x * 7 + y * 13 + c * 50 + ((x * y) % 31) * 5) % 256;
    }
  }
  return { width, height, data };
}
