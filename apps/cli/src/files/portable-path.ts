import { sep } from 'node:path';

/** A path as a file can hold it that goes from one system to another: with slashes, which Windows takes as well. */
export function portablePath(path: string, separator: string = sep): string {
  return path.replaceAll(separator, '/');
}
