import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NativePackage } from '../native-package.ts';

/** Which build of TensorFlow: for NVIDIA GPUs (it runs on the CPU too) or for the CPU alone. */
export type EngineFlavor = 'cpu' | 'gpu';

/** What is written beside a finished engine, as `manifest.json`. */
export interface EngineManifest {
  readonly source: 'wheel' | 'vendor';
  readonly flavor: EngineFlavor;
  readonly tensorflow: string;
  readonly tfjsNodeGpu: string;
  readonly builtAt: string;
  /** File name and SHA-256 of the wheel the libraries came from; with `source: 'wheel'` only. */
  readonly wheel?: { readonly file: string; readonly sha256: string };
}

/** The release whose libraries the binding is built against: the one every part of this project is tested with. */
export const tensorflowVersion = '2.21.0';

/** The folder of all engines in the cache. */
export function engineFolder(cacheFolder: string): string {
  return join(cacheFolder, 'engine');
}

/**
 * The name of one engine in the cache. It holds everything a compiled binding depends on, so an entry never goes stale: the
 * binding speaks Node-API, whose version is the ABI.
 */
export function engineKey({ version, napiVersion }: NativePackage, flavor: EngineFlavor): string {
  return `tfjs-${version}_tensorflow-${tensorflowVersion}-${flavor}_napi-${napiVersion}_${process.platform}-${process.arch}`;
}

/** Where an entry keeps its binding. */
export function entryBinding(entry: string, { napiVersion }: NativePackage): string {
  return join(entry, 'lib', `napi-v${napiVersion}`, 'tfjs_binding.node');
}

/** Whether `entry` is a finished engine. Entries appear by one rename, so a manifest means that all of it is there. */
export function isComplete(entry: string): boolean {
  return existsSync(join(entry, 'manifest.json'));
}

/** The manifest of an entry, or null. */
export function readManifest(entry: string): EngineManifest | null {
  try {
    return JSON.parse(readFileSync(join(entry, 'manifest.json'), 'utf8')) as EngineManifest;
  } catch {
    return null;
  }
}

/** The entry that the package's binding is linked to, or null when it is not linked into a cache. */
export function linkedEntry({ bindingFile }: NativePackage): string | null {
  try {
    const entry = dirname(dirname(dirname(realpathSync(bindingFile))));
    return isComplete(entry) ? entry : null;
  } catch {
    return null;
  }
}
