import { FixresDataError } from '../../errors.ts';
import { completeLimits } from '../complete-limits.ts';

/**
 * How much a reader accepts from a folder, an archive or a list before it rejects it as hostile.
 */
export interface ReaderLimits {
  /** Files and folders, records or lines. Default 2,000,000, enough for ImageNet. */
  maxEntries: number;
  /** Characters of a path. Default 4096, as on Linux. */
  maxPathLength: number;
}

export const defaultReaderLimits: ReaderLimits = { maxEntries: 2_000_000, maxPathLength: 4096 };

/** Fills in the defaults. @throws FixresDataError `bad-option` */
export function readerLimits(given?: Partial<ReaderLimits>): ReaderLimits {
  return completeLimits(defaultReaderLimits, given);
}

/** @throws FixresDataError `limit-exceeded` if `count` is above the limit */
export function requireFewEntries(count: number, limits: ReaderLimits, origin: string): void {
  if (count <= limits.maxEntries) return;
  const message =
    `${origin} contains more than ${limits.maxEntries} entries, the maximum (option ` +
    '"limits.maxEntries").';
  throw new FixresDataError('limit-exceeded', message);
}

/** @throws FixresDataError `limit-exceeded` */
export function requireShortPath(path: string, limits: ReaderLimits, origin: string): void {
  if (path.length <= limits.maxPathLength) return;
  const message =
    `${origin} contains a path of ${path.length} characters, "${path.slice(0, 60)}..."; at ` +
    `most ${limits.maxPathLength} are allowed.`;
  throw new FixresDataError('limit-exceeded', message);
}
