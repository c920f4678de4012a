import { resampleConvolution } from '../pixels/resample/resample-convolution.ts';
import type { FloatPicture } from './float-picture.ts';

/**
 * A layer of 0..1 at another size, in 256 levels if it is resized.
 *
 * @returns width x height x channels values
 */
export function fittedLayer(layer: FloatPicture, width: number, height: number): Float64Array {
  const { channels, values } = layer;
  if (layer.width === width && layer.height === height) return values;
  const data = Uint8Array.from({ length: layer.width * layer.height * 3 }, (_, i) =>
    Math.round(255 * values[channels === 3 ? i : Math.floor(i / 3)]!),
  );
  const out = new Uint8Array(width * height * 3);
  const whole = { x: 0, y: 0, width: layer.width, height: layer.height };
  const view = {
    region: whole,
    resized: { width, height },
    window: { x: 0, y: 0, width, height },
    flip: false,
  };
  resampleConvolution({ width: layer.width, height: layer.height, data }, view, 'bilinear', out);
  return Float64Array.from(
    { length: width * height * channels },
    (_, i) => out[channels === 3 ? i : i * 3]! / 255,
  );
}
