import type { FloatPicture } from './float-picture.ts';

/**
 * Enlarges the middle of a picture to its size, like `scipy.ndimage.zoom` with order 1: the corners
 * of both are the same points.
 *
 * @param factor at least 1
 */
export function clippedZoom(picture: FloatPicture, factor: number): FloatPicture {
  const { width, height, channels, values } = picture;
  const columns = zoomedAxis(width, factor);
  const rows = zoomedAxis(height, factor);
  const zoomed = new Float64Array(values.length);
  const length = width * channels;
  // Each output row mixes two source rows, then neighbours along them.
  const mixed = new Float64Array(length);
  for (let y = 0; y < height; y++) {
    const { low: top, high: bottom, part: down } = rows[y]!;
    for (let i = 0; i < length; i++) {
      const upper = values[top * length + i]!;
      mixed[i] = upper + (values[bottom * length + i]! - upper) * down;
    }
    for (let x = 0; x < width; x++) {
      const { low, high, part } = columns[x]!;
      for (let c = 0; c < channels; c++) {
        const left = mixed[low * channels + c]!;
        zoomed[y * length + x * channels + c] = left + (mixed[high * channels + c]! - left) * part;
      }
    }
  }
  return { ...picture, values: zoomed };
}

/** The two source positions of each output position, and the weight of the second. */
function zoomedAxis(length: number, factor: number): { low: number; high: number; part: number }[] {
  const kept = Math.ceil(length / factor);
  const start = Math.floor((length - kept) / 2);
  const enlarged = Math.round(kept * factor);
  const step = enlarged > 1 ? (kept - 1) / (enlarged - 1) : 0;
  return Array.from({ length }, (_, i) => {
    const position = Math.min(i * step, kept - 1);
    const low = Math.floor(position);
    return { low: start + low, high: start + Math.min(low + 1, kept - 1), part: position - low };
  });
}
