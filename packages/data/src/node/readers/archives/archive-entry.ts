import { FixresDataError } from '../../../errors.ts';
import type { ByteSource } from '../../files/byte-source.ts';
import { type ReaderLimits, requireShortPath } from '../reader-limits.ts';

/** A file or folder in an archive or a folder; its path is relative to the root, with `/` between parts. */
export interface Entry {
  path: string;
  /** Absent for a folder. */
  source?: ByteSource;
  /** The content of a small file with a label, if it was read with the entries. */
  text?: string;
}

/** An entry that is a file. */
export type FileEntry = Entry & Required<Pick<Entry, 'source'>>;

/** Most paths are such, of parts that begin with a letter or digit; then there is nothing else to check. */
const PLAIN_PATH = /^(?:\w[\w.-]*\/)*\w[\w.-]*$/;

/**
 * Checks that an entry's path stays inside the archive. Nothing is unpacked to this path, but an archive
 * with other paths is hostile or broken, and class names come from paths.
 *
 * @returns the path without `./` and a trailing slash
 * @throws FixresDataError `unsafe-entry`, `limit-exceeded`
 */
export function safeEntryPath(path: string, archive: string, limits: ReaderLimits): string {
  requireShortPath(path, limits, archive);
  if (PLAIN_PATH.test(path)) return path;
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
