import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defaultCacheFolder } from '../cache-folder.ts';
import { FixresEngineError } from '../errors.ts';
import {
  type CachedEngine,
  type EngineFlavor,
  engineFolder,
  type EngineManifest,
  entryOf,
  findEngine,
} from '../native/engine-entry.ts';
import { nativePackageIn } from '../native/native-package.ts';
import { refuseGpuElsewhere, thisPlatform } from '../native/platform.ts';
import { buildAddons } from './build/build-addons.ts';
import { buildFromWheel } from './build/build-from-wheel.ts';
import { verifyBinding } from './build/verify-binding.ts';
import { isDiskError } from './disk-error.ts';
import { engineSize, type freeSpace, lackOfSpace } from './engine-size.ts';
import { makeFolder } from './make-folder.ts';
import type { Missing } from './missing.ts';
import { Downloads, isDownloadFolder } from './obtain/downloads.ts';
import { type RuntimePackage, runtimePackages } from './obtain/runtime-packages.ts';
import type { BuildContext, SetupContext, VerifyBinding } from './setup-context.ts';
import { downloadFromVendor } from './vendor-download.ts';
import { withLock } from './with-lock.ts';

/** Options of {@link setupNativeEngine}. */
export interface SetupOptions {
  /**
   * `true` installs TensorFlow's CUDA build with NVIDIA's libraries, `false` the CPU build.
   * Default: the installed build, or for a first setup the CPU build.
   */
  readonly gpu?: boolean;
  /** Folder for finished engines; default: {@link defaultCacheFolder}. */
  readonly cacheFolder?: string;
  /** Removes all cached engines first, then sets up again. */
  readonly clean?: boolean;
  /**
   * A folder filled by {@link downloadNativeEngine}: everything is taken from it, nothing from the
   * network.
   */
  readonly from?: string;
  /** Receives progress messages, one line each; not called if there is nothing to do. */
  readonly onStep?: (message: string) => void;
  /** Aborts the setup. Finished downloads stay for the next one; partial work is deleted. */
  readonly signal?: AbortSignal;
}

/** The outcome of a setup. */
export type SetupResult =
  | {
      readonly engine: 'tensorflow';
      /**
       * `ready`: nothing to do. `built`: from TensorFlow's wheel. `downloaded`: from the vendor.
       */
      readonly how: 'ready' | 'built' | 'downloaded';
      readonly flavor: EngineFlavor;
      /** Version of the native library, for example `2.21.0`. */
      readonly tensorflow: string;
      /** The engine's folder in the cache. */
      readonly folder: string;
    }
  | {
      readonly engine: 'tensorflow';
      /** The requested build could not be set up; another one is installed. */
      readonly how: 'kept';
      /** The installed build. */
      readonly flavor: EngineFlavor;
      readonly tensorflow: string;
      readonly folder: string;
      readonly missing: readonly string[];
      readonly hint: string;
    }
  | {
      readonly engine: 'wasm';
      /** What is missing, one clause each. */
      readonly missing: readonly string[];
      /** One line for the user: what is missing and how to get it. */
      readonly hint: string;
    };

/**
 * Sets up the native engine once for all projects of this user: downloads the package
 * `@tensorflow/tfjs-node-gpu` with npm and TensorFlow's wheel with pip, builds the engine, and
 * caches it. If that fails, uses the vendor's download. If both fail, the result states the reason,
 * and training runs on wasm, or on the other build if that is installed. Takes milliseconds if
 * everything is installed. Two concurrent setups share the work; a later one reuses the downloads
 * of an interrupted one, and never mistakes its leftovers for an engine.
 *
 * @throws FixresEngineError `aborted` when the signal fires; `bad-option` if `from` is not such a
 * folder, or if `gpu` is true and TensorFlow has no CUDA build for this system
 */
export function setupNativeEngine(options: SetupOptions = {}): Promise<SetupResult> {
  return setUpEngine(options, { verify: verifyBinding, packages: runtimePackages });
}

/** The tools of a setup; tests replace them, so that they need neither TensorFlow nor a network. */
export interface SetupParts {
  readonly verify: VerifyBinding;
  readonly packages: readonly RuntimePackage[];
  readonly space?: typeof freeSpace;
}

/** {@link setupNativeEngine} with its parts as a parameter. */
export async function setUpEngine(options: SetupOptions, parts: SetupParts): Promise<SetupResult> {
  const { clean = false, from, gpu, onStep = () => undefined, signal } = options;
  const cacheFolder = resolve(options.cacheFolder ?? defaultCacheFolder());
  if (gpu) refuseGpuElsewhere(thisPlatform, 'setup');
  if (from !== undefined && !(await isDownloadFolder(from))) {
    throw new FixresEngineError(
      'bad-option',
      `from is '${from}'; it must be a folder that \`fixres setup --download\` has filled`,
    );
  }
  try {
    signal?.throwIfAborted();
    if (clean) await removeNativeEngine(options);
    const find = (): CachedEngine | null =>
      findEngine(cacheFolder, gpu === undefined ? ['gpu', 'cpu'] : [gpu ? 'gpu' : 'cpu']);
    const ready = find();
    if (ready) {
      // An earlier version of fixres built fewer.
      if (ready.manifest.source === 'wheel')
        await buildAddons(nativePackageIn(ready.entry), { signal });
      return tensorflow('ready', ready);
    }
    await makeFolder(engineFolder(cacheFolder));
    return await withLock(engineFolder(cacheFolder), { onStep, signal }, async (held) => {
      // Another process may have removed it in the meantime.
      await makeFolder(engineFolder(cacheFolder));
      // Another setup may have done the work in the meantime.
      const there = find();
      if (there) return tensorflow('ready', there);
      return fill(cacheFolder, gpu ? 'gpu' : 'cpu', { onStep, signal: held, from, ...parts });
    });
  } catch (error) {
    if (signal?.aborted)
      throw new FixresEngineError('aborted', 'the setup of the engine was stopped', {
        cause: error,
      });
    if (!isDiskError(error)) throw error;
    return without(gpu ? 'gpu' : 'cpu', cacheFolder, [
      `cache folder ${cacheFolder} cannot be written (${error.message}); the variable FIXRES_CACHE names another`,
    ]);
  }
}

/** Removes all cached engines and their downloads. */
export async function removeNativeEngine(
  options: Pick<SetupOptions, 'cacheFolder' | 'onStep' | 'signal'> = {},
): Promise<void> {
  const folder = engineFolder(resolve(options.cacheFolder ?? defaultCacheFolder()));
  const { onStep = () => undefined, signal } = options;
  if (!existsSync(folder)) return;
  await withLock(folder, { onStep, signal }, async () => {
    // Manifests first: a partly deleted engine must not look complete.
    const engines = (await readdir(folder, { withFileTypes: true })).filter((each) =>
      each.isDirectory(),
    );
    for (const { name } of engines) await rm(join(folder, name, 'manifest.json'), { force: true });
    await rm(folder, { recursive: true, force: true });
  });
}

/** Context of {@link fill}. */
interface FillContext extends SetupContext, SetupParts {
  readonly from: string | undefined;
}

async function fill(
  cacheFolder: string,
  flavor: EngineFlavor,
  { from, ...context }: FillContext,
): Promise<SetupResult> {
  const entry = entryOf(cacheFolder, flavor);
  await removeLeftovers(engineFolder(cacheFolder));
  const downloads = await Downloads.open(
    from === undefined ? join(engineFolder(cacheFolder), 'downloads') : resolve(from),
  );
  const { download, installed } = engineSize[flavor];
  // Damaged files count as not downloaded in the checks and messages below.
  if (from === undefined) await downloads.removeDamaged(context.signal);
  const space = await lackOfSpace(
    engineFolder(cacheFolder),
    installed + (from === undefined ? download - downloads.bytes / 1e6 : 0),
    context.space,
  );
  if (space)
    return without(flavor, cacheFolder, [
      `${space}; the variable FIXRES_CACHE names another cache folder`,
    ]);
  const filled = await fillEntry(flavor, entry, {
    ...context,
    downloads,
    offline: from !== undefined,
  });
  if ('missing' in filled) return without(flavor, cacheFolder, filled.missing);
  // Not earlier: until the engine is complete, a resumed setup needs them.
  if (from === undefined) await rm(downloads.folder, { recursive: true, force: true });
  return tensorflow(filled.source === 'wheel' ? 'built' : 'downloaded', {
    entry,
    manifest: filled,
  });
}

/** Fills a folder next to `entry` by the first way that works, and renames it to `entry`. */
async function fillEntry(
  flavor: EngineFlavor,
  entry: string,
  context: BuildContext,
): Promise<EngineManifest | Missing> {
  const missing: string[] = [];
  for (const way of waysToBuild(context)) {
    const folder = await mkdtemp(`${entry}.tmp-`);
    try {
      const result = await way(flavor, folder, context);
      if (!('missing' in result)) {
        await publishEntry(folder, entry, result);
        return result;
      }
      // Report the problem of the first way; that is the one to fix.
      if (missing.length === 0) missing.push(...result.missing);
      for (const problem of result.missing) context.onStep(problem);
      if (result.offline) break;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { missing };
}

/**
 * TensorFlow's wheel for Windows has no C library to link with. The vendor offers only a download.
 */
function waysToBuild({ offline }: BuildContext): readonly (typeof buildFromWheel)[] {
  if (offline) return [buildFromWheel];
  return process.platform === 'win32' ? [downloadFromVendor] : [buildFromWheel, downloadFromVendor];
}

/** Writes the manifest and moves a finished engine into the cache with one rename. */
async function publishEntry(
  folder: string,
  entry: string,
  manifest: EngineManifest,
): Promise<void> {
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Temporary folders are private to their user, but a cache can be shared.
  await chmod(folder, 0o755);
  await rm(entry, { recursive: true, force: true });
  await rename(folder, entry);
}

/** Deletes leftovers of a killed setup. This is safe because the caller has the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.includes('.tmp-')) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The result if the requested build could not be set up. */
function without(
  flavor: EngineFlavor,
  cacheFolder: string,
  missing: readonly string[],
): SetupResult {
  const other = findEngine(cacheFolder, [flavor === 'gpu' ? 'cpu' : 'gpu']);
  if (other) {
    const name = { cpu: 'CPU', gpu: 'CUDA' };
    const hint =
      `the ${name[flavor]} build is not set up, so training runs on the ` +
      `${name[other.manifest.flavor]} build; ${missing.join('; ')}`;
    return {
      engine: 'tensorflow',
      how: 'kept',
      flavor: other.manifest.flavor,
      tensorflow: other.manifest.tensorflow,
      folder: other.entry,
      missing,
      hint,
    };
  }
  return {
    engine: 'wasm',
    missing,
    hint: `the native engine is not set up, so training runs on wasm; ${missing.join('; ')}`,
  };
}

function tensorflow(
  how: 'ready' | 'built' | 'downloaded',
  { entry, manifest }: CachedEngine,
): SetupResult {
  return {
    engine: 'tensorflow',
    how,
    flavor: manifest.flavor,
    tensorflow: manifest.tensorflow,
    folder: entry,
  };
}
