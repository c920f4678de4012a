import { FixresDataError } from '../../../errors.ts';
import type { ByteSource } from '../../files/byte-source.ts';
import { type ReaderLimits, requireShortPath } from '../reader-limits.ts';

/** A file or folder inside an archive or a folder, with its path relative to the root, `/` between the parts. */
export interface Entry {
  path: string;
  /** Absent for a folder. */
  source?: ByteSource;
}

/**
 * Checks that an archive's entry stays inside the archive. Nothing is ever unpacked to the entry's path, but an archive that names
 * other places is hostile or broken, and its class names would come from there.
 *
 * @returns the path without `./` and a trailing slash
 * @throws FixresDataError `unsafe-entry`, `limit-exceeded`
 */
export function safeEntryPath(path: string, archive: string, limits: ReaderLimits): string {
  requireShortPath(path, limits, archive);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:/.test(path);
  if (isAbsolute || parts.includes('..') || path.includes('\\') || path.includes('\0')) {
    throw unsafeEntry(path, archive, 'points outside the archive');
  }
  return parts.join('/');
}

export function unsafeEntry(path: string, archive: string, why: string): FixresDataError {
  return new FixresDataError(
    'unsafe-entry',
    `Entry ${JSON.stringify(path)} of ${archive} ${why}; the archive is refused.`,
  );
}
