import { sep } from 'node:path';

/** A path for files that are used on several systems: with slashes, which Windows also accepts. */
export function portablePath(path: string, separator: string = sep): string {
  return path.replaceAll(separator, '/');
}
