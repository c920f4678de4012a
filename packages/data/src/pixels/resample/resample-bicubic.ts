import type { View } from '../../geometry/view.ts';
import type { RgbImage } from '../rgb-image.ts';
import { viewWeights, WEIGHT_BITS } from './convolution-weights.ts';
import { scratchNumbers } from './scratch.ts';

/**
 * Draws a view of an image with bicubic interpolation (a = -0.5) and no antialiasing, like
 * `tf.image.resize` with method "bicubic". Levels are clamped to 0..255 and rounded only at the
 * end.
 *
 * @param view its window must be inside `resized`
 * @param out receives window.height x window.width x 3 levels, row by row
 */
export function resampleBicubic({ width, data }: RgbImage, view: View, out: Uint8Array): void {
  const { window, flip } = view;
  const { columns, rows } = viewWeights(view, { interpolation: 'bicubic', antialias: false });
  const top = rows.first[0]!;
  const bottom = rows.first.at(-1)! + rows.count.at(-1)!;
  const length = window.width * 3;
  const between = scratchNumbers((bottom - top) * length);
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < window.width; x++) {
      const target = (y - top) * length + (flip ? window.width - 1 - x : x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let tap = 0; tap < columns.count[x]!; tap++) {
          sum +=
            data[(y * width + columns.first[x]! + tap) * 3 + channel]! *
            columns.weights[x * columns.taps + tap]!;
        }
        between[target + channel] = sum;
      }
    }
  }
  const one = 2 ** (2 * WEIGHT_BITS);
  for (let y = 0; y < window.height; y++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let tap = 0; tap < rows.count[y]!; tap++) {
        sum +=
          between[(rows.first[y]! - top + tap) * length + i]! * rows.weights[y * rows.taps + tap]!;
      }
      out[y * length + i] = Math.min(Math.max(Math.round(sum / one), 0), 255);
    }
  }
}
