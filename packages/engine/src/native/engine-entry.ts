import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DownloadRecord } from '../setup/obtain/downloads.ts';
import { napiVersion, nativePackageVersion } from './native-package.ts';
import { thisPlatform } from './platform.ts';

/** A build of TensorFlow: for NVIDIA GPUs (also runs on the CPU), or for the CPU only. */
export type EngineFlavor = 'cpu' | 'gpu';

/** Content of `manifest.json` next to a finished engine. */
export interface EngineManifest {
  readonly source: 'wheel' | 'vendor';
  readonly flavor: EngineFlavor;
  readonly tensorflow: string;
  readonly tfjsNodeGpu: string;
  readonly builtAt: string;
  /** Its files with checksums, without the vendor's own download. */
  readonly downloads: readonly DownloadRecord[];
}

/** A finished engine in the cache. */
export interface CachedEngine {
  readonly entry: string;
  readonly manifest: EngineManifest;
}

/** The release that the binding is built against; the whole project is tested with it. */
export const tensorflowVersion = '2.21.0';

/**
 * Increases if the content of an entry changes, so that an entry from an older fixres is not
 * mistaken for a current one.
 */
const entryFormat = 3;

/** The folder of all cached engines. */
export function engineFolder(cacheFolder: string): string {
  return join(cacheFolder, 'engine');
}

/**
 * The folder of an engine in the cache. Its name contains everything that a compiled binding
 * depends on, so an entry never becomes stale: the binding uses Node-API, whose version determines
 * the ABI.
 */
export function entryOf(cacheFolder: string, flavor: EngineFlavor): string {
  const versions = `tfjs-${nativePackageVersion}_tensorflow-${tensorflowVersion}-${flavor}_napi-${napiVersion}`;
  return join(engineFolder(cacheFolder), `v${entryFormat}_${versions}_${thisPlatform}`);
}

/**
 * The first of these engines that is in the cache, or null. An entry appears by one rename, so if
 * its manifest exists, it is complete.
 */
export function findEngine(
  cacheFolder: string,
  flavors: readonly EngineFlavor[],
): CachedEngine | null {
  for (const flavor of flavors) {
    const entry = entryOf(cacheFolder, flavor);
    const manifest = readManifest(entry);
    if (manifest) return { entry, manifest };
  }
  return null;
}

function readManifest(entry: string): EngineManifest | null {
  try {
    return JSON.parse(readFileSync(join(entry, 'manifest.json'), 'utf8')) as EngineManifest;
  } catch {
    return null;
  }
}
