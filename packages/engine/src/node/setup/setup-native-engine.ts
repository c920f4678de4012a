import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FixresEngineError } from '../../errors.ts';
import { defaultCacheFolder } from '../cache-folder.ts';
import { describeNativePackage, findNativePackage, hasBinding, nativePackageName, type NativePackage } from '../native-package.ts';
import { buildFromWheel, type Missing, publishEntry } from './build-from-wheel.ts';
import {
  type EngineFlavor,
  type EngineManifest,
  engineFolder,
  engineKey,
  entryBinding,
  isComplete,
  linkedEntry,
  readManifest,
} from './engine-entry.ts';
import { linkEngine, unlinkEngine } from './link-engine.ts';
import type { BuildContext, VerifyBinding } from './setup-context.ts';
import { downloadFromVendor } from './vendor-download.ts';
import { verifyBinding } from './verify-binding.ts';
import { withLock } from './with-lock.ts';

/** Options of {@link setupNativeEngine}. */
export interface SetupOptions {
  /** True takes TensorFlow's CUDA build, false the CPU build. Left out: what is set up stays, and a first set-up is for the CPU. */
  readonly gpu?: boolean;
  /** Where finished engines are kept; {@link defaultCacheFolder} by default. */
  readonly cacheFolder?: string;
  /** Removes every cached engine first, then sets up afresh. */
  readonly clean?: boolean;
  /** Told what is being done, one line at a time; not called when there is nothing to do. */
  readonly onStep?: (message: string) => void;
  /** Stops the set-up; nothing half-done stays. */
  readonly signal?: AbortSignal;
  /** The folder of `@tensorflow/tfjs-node-gpu`; the installed one by default. */
  readonly packageFolder?: string;
}

/** What a set-up came to. */
export type SetupResult =
  | {
      readonly engine: 'tensorflow';
      /**
       * `ready`: nothing was to do. `linked`: taken from the cache. `built`: from TensorFlow's wheel. `downloaded`: from the vendor.
       * `kept`: nothing could be built, but the package's own binding works.
       */
      readonly how: 'ready' | 'linked' | 'built' | 'downloaded' | 'kept';
      readonly flavor: EngineFlavor;
      /** Version of the native library, for instance `2.21.0`. */
      readonly tensorflow: string;
      /** The engine's folder in the cache; for `kept` the package's folder. */
      readonly folder: string;
    }
  | {
      readonly engine: 'wasm';
      /** Each thing that stood in the way. */
      readonly missing: readonly string[];
      /** One line for the user: what is missing and how to get it. */
      readonly hint: string;
    };

/** No right to write, or no room: training can go on with wasm. */
const diskErrors: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

/**
 * Makes the native engine work, once for all projects of this user: builds it from TensorFlow's wheel, else takes the vendor's
 * download, keeps it in the cache, and links the installed `@tensorflow/tfjs-node-gpu` to it. When neither works the result says
 * why, and training runs on wasm. Takes milliseconds when everything is there. Two set-ups at once share the work, and an
 * interrupted one leaves nothing that a later one would mistake for an engine.
 *
 * @throws FixresEngineError `aborted` when the signal fires.
 */
export function setupNativeEngine(options: SetupOptions = {}): Promise<SetupResult> {
  return setUpEngine(options, verifyBinding);
}

/** {@link setupNativeEngine} with the check of a finished binding as a parameter, so that tests need no TensorFlow. */
export async function setUpEngine(options: SetupOptions, verify: VerifyBinding): Promise<SetupResult> {
  const { clean = false, onStep = () => undefined, signal, packageFolder } = options;
  const cacheFolder = resolve(options.cacheFolder ?? defaultCacheFolder());
  try {
    signal?.throwIfAborted();
    if (clean) await removeNativeEngine(options);
    const nativePackage = packageFolder === undefined ? findNativePackage() : describeNativePackage(packageFolder);
    if (!nativePackage) return onlyWasm([`the package ${nativePackageName} is missing: npm install ${nativePackageName}`]);

    const linked = readLinked(nativePackage);
    const flavor = flavorOf(options.gpu) ?? linked?.manifest.flavor ?? 'cpu';
    const entry = join(engineFolder(cacheFolder), engineKey(nativePackage, flavor));
    // An engine of another cache will do unless a cache was asked for.
    const wanted = options.cacheFolder === undefined ? linked && basename(linked.entry) === basename(entry) : linked?.entry === entry;
    if (linked && wanted) return tensorflow('ready', linked.entry, linked.manifest);

    await mkdir(engineFolder(cacheFolder), { recursive: true });
    return await withLock(engineFolder(cacheFolder), { onStep, signal }, (held) =>
      fillAndLink(nativePackage, flavor, entry, { onStep, signal: held, verify }),
    );
  } catch (error) {
    if (signal?.aborted) throw new FixresEngineError('aborted', 'the set-up of the engine was stopped', { cause: error });
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (diskErrors.includes(code)) return onlyWasm([(error as Error).message]);
    throw error;
  }
}

/** Removes every cached engine and the package's links to them; what the package had of its own stays. */
export async function removeNativeEngine(
  options: Pick<SetupOptions, 'cacheFolder' | 'packageFolder' | 'onStep' | 'signal'> = {},
): Promise<void> {
  const cacheFolder = resolve(options.cacheFolder ?? defaultCacheFolder());
  const { packageFolder, onStep = () => undefined, signal } = options;
  const nativePackage = packageFolder === undefined ? findNativePackage() : describeNativePackage(packageFolder);
  // Links first: an engine must never be half there.
  if (nativePackage) await unlinkEngine(nativePackage, cacheFolder);
  if (!existsSync(engineFolder(cacheFolder))) return;
  await withLock(engineFolder(cacheFolder), { onStep, signal }, () => rm(engineFolder(cacheFolder), { recursive: true, force: true }));
}

async function fillAndLink(nativePackage: NativePackage, flavor: EngineFlavor, entry: string, context: BuildContext): Promise<SetupResult> {
  let how: 'linked' | 'built' | 'downloaded' = 'linked';
  if (!isComplete(entry)) {
    const filled = await fillEntry(nativePackage, flavor, entry, context);
    if ('missing' in filled) return keepOrWasm(nativePackage, flavor, filled.missing, context);
    how = filled.source === 'wheel' ? 'built' : 'downloaded';
  }
  context.onStep('linking the engine into the package');
  await linkEngine(nativePackage, entry);
  return tensorflow(how, entry, readManifest(entry)!);
}

/** Fills a folder beside `entry` by the first way that works, and renames it to `entry`. */
async function fillEntry(
  nativePackage: NativePackage,
  flavor: EngineFlavor,
  entry: string,
  context: BuildContext,
): Promise<EngineManifest | Missing> {
  await removeLeftovers(entry);
  const missing: string[] = [];
  // TensorFlow's wheel for Windows has no C library to link with.
  const ways = process.platform === 'win32' ? [downloadFromVendor] : [buildFromWheel, downloadFromVendor];
  for (const way of ways) {
    const folder = await mkdtemp(`${entry}.tmp-`);
    try {
      const result = await way(nativePackage, flavor, folder, context);
      if (!('missing' in result)) {
        await rm(entry, { recursive: true, force: true });
        await publishEntry(folder, entry, result);
        return result;
      }
      missing.push(...result.missing);
      for (const problem of result.missing) context.onStep(problem);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { missing };
}

/** Deletes what a killed set-up left; safe, because only the holder of the lock gets here. */
async function removeLeftovers(entry: string): Promise<void> {
  const parent = join(entry, '..');
  for (const name of await readdir(parent)) {
    if (name.includes('.tmp-')) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** A binding the package already has, from its own install script for instance, is better than none. */
async function keepOrWasm(
  nativePackage: NativePackage,
  flavor: EngineFlavor,
  missing: readonly string[],
  { signal, verify }: BuildContext,
): Promise<SetupResult> {
  if (!hasBinding(nativePackage)) return onlyWasm(missing);
  const check = await verify(nativePackage.bindingFile, signal);
  if ('problem' in check) return onlyWasm(missing);
  return { engine: 'tensorflow', how: 'kept', flavor, tensorflow: check.version, folder: nativePackage.folder };
}

function onlyWasm(missing: readonly string[]): SetupResult {
  return { engine: 'wasm', missing, hint: `the native engine is not set up, so training runs on wasm; ${missing.join('; ')}` };
}

function tensorflow(how: 'ready' | 'linked' | 'built' | 'downloaded', entry: string, manifest: EngineManifest): SetupResult {
  return { engine: 'tensorflow', how, flavor: manifest.flavor, tensorflow: manifest.tensorflow, folder: entry };
}

function flavorOf(gpu: boolean | undefined): EngineFlavor | undefined {
  return gpu === undefined ? undefined : gpu ? 'gpu' : 'cpu';
}

/** The cached engine the package uses, if all of it is there. */
function readLinked(nativePackage: NativePackage): { entry: string; manifest: EngineManifest } | null {
  const entry = linkedEntry(nativePackage);
  const manifest = entry && readManifest(entry);
  return entry && manifest && hasBinding({ ...nativePackage, bindingFile: entryBinding(entry, nativePackage) }) ? { entry, manifest } : null;
}
