import type { Capture } from '../decode/exif-capture.ts';

/** Two images that look the same, by their ids. */
export interface NearDuplicate {
  a: string;
  b: string;
  /** Number of bits in which their perceptual hashes differ. */
  distance: number;
}

/** Which images of a data set look the same, or were taken at the same time. */
export interface LookAlikes {
  pairs: readonly NearDuplicate[];
  /** Camera and time of photos, by id. Photos without EXIF data of these are missing. */
  captures: ReadonlyMap<string, Capture>;
}

/**
 * Longest time between two photos of one burst, in seconds. One camera photographs the same thing
 * several times within a minute.
 */
export const BURST_SECONDS = 60;
