import { createRequire } from 'node:module';

/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed (tfjs issue 8609; fixed in its
 * repository, never released), and for which Node 22 prints a deprecation warning. Puts plain ones on the CommonJS `util` module,
 * which is the object tfjs-node holds.
 */
export function restoreRemovedUtilFunctions(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isArray = Array.isArray;
  util.isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
}
