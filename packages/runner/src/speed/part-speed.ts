import type { ImageSize } from '@fixres/data';
import type { Precision } from '@fixres/runs';
import type { WorkKind } from '../progress/arm-work.ts';
import type { BatchTime, BatchTimes } from './time-batches.ts';

/**
 * Kinds of work whose speed is measured. Re-estimating statistics and measuring activations are
 * forward passes; they are taken to be as fast as `evaluate`.
 */
export type MeasuredKind = Exclude<
  WorkKind,
  'statistics' | 'activations' | 'corrupted' | 'heldBack'
>;

/** Seconds per image. */
export interface Spread {
  /** Of all images. */
  mean: number;
  /** Of the fastest and the slowest batch. */
  min: number;
  max: number;
}

/** Speed of one kind of work at one image size. */
export interface PartSpeed {
  kind: MeasuredKind;
  size: ImageSize;
  precision: Precision;
  secondsPerImage: Spread;
  /** Number of measured batches. */
  batches: number;
  /** Seconds before the work runs at this speed: compilation and the first batch. */
  startSeconds: number;
  /**
   * Fraction of the time, 0..1, in which the work waited for images. Undefined for features: their
   * trunk reads images itself.
   */
  waited: number | undefined;
  /** Highest resident set size of the process meanwhile, in 10^6 bytes. */
  peakRssMb: number;
}

/** Summarises the times of batches. */
export function partSpeed(
  { firstSeconds, batches }: BatchTimes,
  part: Pick<PartSpeed, 'kind' | 'size' | 'precision' | 'peakRssMb'> & {
    /** Seconds before the first batch. */
    preparedSeconds: number;
  },
): PartSpeed {
  const { preparedSeconds, ...rest } = part;
  return {
    ...rest,
    secondsPerImage: spreadOf(batches),
    batches: batches.length,
    startSeconds: preparedSeconds + firstSeconds,
    waited: waitedOf(batches),
  };
}

/** Seconds per image of batches. */
export function spreadOf(batches: readonly BatchTime[]): Spread {
  const each = batches.map(({ seconds, images }) => seconds / images);
  return {
    mean: sumOf(batches, 'seconds') / sumOf(batches, 'images'),
    min: Math.min(...each),
    max: Math.max(...each),
  };
}

function waitedOf(batches: readonly BatchTime[]): number | undefined {
  let waited = 0;
  for (const batch of batches) {
    if (batch.waited === undefined) return undefined;
    waited += batch.waited;
  }
  return waited / sumOf(batches, 'seconds');
}

function sumOf(batches: readonly BatchTime[], field: 'images' | 'seconds'): number {
  return batches.reduce((total, batch) => total + batch[field], 0);
}
