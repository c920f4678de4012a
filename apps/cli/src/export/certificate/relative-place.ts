import { isAbsolute, relative, resolve, sep } from 'node:path';
import { withoutSignature } from '@fixres/data/node';
import { isPath } from '@fixres/runner/node';
import type { DatasetReading } from '@fixres/runs';

/**
 * A path as a certificate stores it: relative to the folder of the export, with `/`. An export is
 * published, and absolute paths name its author's folders. Only on another drive of Windows is there
 * no relative path. Names of built-in data sets stay, and addresses without a signature.
 */
export function relativePlace(folder: string, place: string): string {
  if (!isPath(place)) return withoutSignature(place);
  const path = relative(resolve(folder), resolve(place));
  return isAbsolute(path) ? path : path.split(sep).join('/');
}

/** The inverse of {@link relativePlace}; absolute paths, as in earlier certificates, stay. */
export function placeOf(folder: string, place: string): string {
  return isPath(place) ? resolve(folder, place) : place;
}

/** How a data set is read, with `change` applied to its paths. */
export function readingIn(
  { archive, ...rest }: DatasetReading,
  change: (path: string) => string,
): DatasetReading {
  return archive === undefined ? rest : { ...rest, archive: change(archive) };
}
