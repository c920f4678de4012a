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
  const data = new Uint8Array(layer.width * layer.height * 3);
  const copies = 3 / channels;
  for (let i = 0; i < values.length; i++) {
    const level = Math.round(255 * values[i]!);
    for (let c = i * copies; c < (i + 1) * copies; c++) data[c] = level;
  }
  const out = new Uint8Array(width * height * 3);
  const whole = { x: 0, y: 0, width: layer.width, height: layer.height };
  const view = {
    region: whole,
    resized: { width, height },
    window: { x: 0, y: 0, width, height },
    flip: false,
  };
  resampleConvolution({ width: layer.width, height: layer.height, data }, view, 'bilinear', out);
  const fitted = new Float64Array(width * height * channels);
  for (let i = 0; i < fitted.length; i++) fitted[i] = out[i * copies]! / 255;
  return fitted;
}
