import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DownloadRecord } from '../setup/obtain/downloads.ts';
import { napiVersion, nativePackageVersion } from './native-package.ts';
import { thisPlatform } from './platform.ts';

/** Which build of TensorFlow: for NVIDIA GPUs (it runs on the CPU too) or for the CPU alone. */
export type EngineFlavor = 'cpu' | 'gpu';

/** Content of `manifest.json` next to a finished engine. */
export interface EngineManifest {
  readonly source: 'wheel' | 'vendor';
  readonly flavor: EngineFlavor;
  readonly tensorflow: string;
  readonly tfjsNodeGpu: string;
  readonly builtAt: string;
  /** Its files with their checksums, without the vendor's own download. */
  readonly downloads: readonly DownloadRecord[];
}

/** A finished engine in the cache. */
export interface CachedEngine {
  readonly entry: string;
  readonly manifest: EngineManifest;
}

/** The release whose libraries the binding is built against: the one every part of this project is tested with. */
export const tensorflowVersion = '2.21.0';

/**
 * Increases when the content of an entry changes, so that an entry of an earlier fixres is not
 * mistaken for a current one.
 */
const entryFormat = 2;

/** The folder of all engines in the cache. */
export function engineFolder(cacheFolder: string): string {
  return join(cacheFolder, 'engine');
}

/**
 * Where an engine is in the cache. Its name holds everything a compiled binding depends on, so an entry never goes stale: the
 * binding speaks Node-API, whose version is the ABI.
 */
export function entryOf(cacheFolder: string, flavor: EngineFlavor): string {
  const versions = `tfjs-${nativePackageVersion}_tensorflow-${tensorflowVersion}-${flavor}_napi-${napiVersion}`;
  return join(engineFolder(cacheFolder), `v${entryFormat}_${versions}_${thisPlatform}`);
}

/** The first of these engines that is in the cache, or null. Entries appear by one rename, so a manifest means that all of it is there. */
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
