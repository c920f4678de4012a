/** Smallest and largest number of a value over all calibration images. */
export interface ValueRange {
  low: number;
  high: number;
}

/** 256 evenly spaced numbers, `scale * (level - zero)` for levels from 0 to 255, that contain a range. */
export function levelsOf({ low, high }: ValueRange): { scale: number; zero: number } {
  // 0 must be exact, because padding adds zeros.
  const [least, most] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.fround((most - least) / 255) || 1;
  return { scale, zero: Math.round(-least / scale) };
}
