import type { FloatPicture } from './float-picture.ts';

export interface MotionSettings {
  /** Half of the number of pixels that a point moves over. */
  radius: number;
  /** Standard deviation of its weights along the way, which begins with the largest. */
  sigma: number;
  /** Direction in degrees. */
  angle: number;
}

/** The blur of a moving camera, like ImageMagick's: shifted copies of the picture. */
export function motionBlur(
  picture: FloatPicture,
  { radius, sigma, angle }: MotionSettings,
): FloatPicture {
  const { width, height, channels, values } = picture;
  const taps = 2 * radius + 1;
  const weights = Array.from({ length: taps }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const length = width * channels;
  const blurred = new Float64Array(values.length);
  for (const [i, weight] of weights.entries()) {
    const [dx, dy] = [-Math.ceil(i * cos - 0.5), -Math.ceil(i * sin - 0.5)];
    // The motion left the picture.
    if (Math.abs(dx) >= width || Math.abs(dy) >= height) break;
    const part = weight / sum;
    // Between these columns, the copy shows the picture; beside them, its outermost pixels.
    const [first, end] = [Math.max(dx, 0), Math.min(width + dx, width)];
    const addPixels = (to: number, from: number, count: number): void => {
      for (let i = 0; i < count; i++) blurred[to + i]! += part * values[from + i]!;
    };
    for (let y = 0; y < height; y++) {
      const [to, from] = [y * length, clamp(y - dy, height) * length];
      for (let x = 0; x < first; x++) addPixels(to + x * channels, from, channels);
      const [inner, source] = [to + first * channels, from + (first - dx) * channels];
      addPixels(inner, source, (end - first) * channels);
      const outermost = from + length - channels;
      for (let x = end; x < width; x++) addPixels(to + x * channels, outermost, channels);
    }
  }
  return { ...picture, values: blurred };
}

function clamp(position: number, length: number): number {
  return Math.min(Math.max(position, 0), length - 1);
}
