import * as tf from '@tensorflow/tfjs-core';
import { defaultCacheFolder } from './cache-folder.ts';
import {
  type DeviceChoice,
  deviceChoices,
  type EngineChoice,
  engineChoices,
  type EngineInfo,
} from './engine-name.ts';
import { FixresEngineError } from './errors.ts';
import { hasNvidiaDriver } from './machine/gpu.ts';
import { type CachedEngine, type EngineFlavor, findEngine } from './native/engine-entry.ts';
import { keepMemory } from './native/keep-memory.ts';
import { oneDnnInUse } from './native/one-dnn-in-use.ts';
import { loadedNative, loadNative, type NativeBackend } from './native/load-native.ts';
import { nativePackageIn, nativePackageVersion } from './native/native-package.ts';
import { hasCudaBuild, thisPlatform } from './native/platform.ts';
import { copyUploads } from './native/copy-uploads.ts';
import { patchStridedPointwiseGradient } from './native/strided-pointwise-gradient.ts';
import { registerWasmTrainingKernels } from './wasm/register-training-kernels.ts';

/** Options of {@link useEngine}. */
export interface UseEngineOptions {
  /**
   * The engine; `auto` (the default) selects the first that works of native GPU, native CPU, wasm,
   * cpu.
   */
  readonly engine?: EngineChoice;
  /**
   * Where the native engine computes: `gpu` fails if no GPU can be used, `cpu` never uses a GPU,
   * `auto` (the default) uses a GPU if possible. The first choice applies to the whole process,
   * because the native engine is loaded once.
   */
  readonly device?: DeviceChoice;
  /** Folder where `setupNativeEngine` stores engines; default: {@link defaultCacheFolder}. */
  readonly cacheFolder?: string;
  /**
   * Makes the native engine compute the same bits in every run: with this number of threads,
   * because it affects the order of sums, and with kernels whose results do not depend on thread
   * timing. Applies to the whole process, and only if the engine is not loaded yet. The other
   * engines always compute the same bits. Default: as fast as possible.
   */
  readonly deterministic?: { readonly threads: number };
  /** The reason for a named engine, for {@link EngineInfo.reason}. Default: `as chosen`. */
  readonly because?: string;
  /**
   * Hides the errors that TensorFlow prints on stderr; they are thrown too. For a process of a
   * cluster: when another one fails, TensorFlow prints several lines about it. Applies to the whole
   * process, if the engine is not loaded yet. Default false.
   */
  readonly hideErrors?: boolean;
  /** Receives what is tried and what failed, one sentence each; for a verbose mode. */
  readonly onMessage?: (message: string) => void;
}

/** An engine that does not work here: the reason, and how to fix it. */
interface Unavailable {
  readonly problem: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * Selects the tfjs backend, loads it and makes it current. Call it once, before the first tensor.
 * Another call switches engines; existing tensors stay with the previous one.
 *
 * @returns the engine in use, its device, and the reason
 * @throws FixresEngineError `engine-unavailable` if the requested engine (or with `auto`, every
 * engine) cannot run here; `bad-option` for an unknown name
 */
export async function useEngine(options: UseEngineOptions = {}): Promise<EngineInfo> {
  const {
    engine = 'auto',
    device = 'auto',
    cacheFolder = defaultCacheFolder(),
    deterministic,
    because: why = 'as chosen',
    onMessage,
    hideErrors = false,
  } = options;
  requireEngine(options);
  if (deterministic) requireDeterministicOps(deterministic.threads);
  if (engine === 'auto' && device !== 'gpu') {
    const native = await startNative('', device, { cacheFolder, hideErrors });
    if ('name' in native) return native;
    onMessage?.(`the native engine is not used: ${native.problem}`);
    const because = `because ${native.problem} (${native.remedy})`;
    const wasm = await startWasm(because);
    if ('name' in wasm) return wasm;
    onMessage?.(`wasm is not used: ${wasm.problem}`);
    return orThrow(await startCpu(`${because} and ${wasm.problem}`), engine);
  }
  if (engine === 'wasm') return orThrow(await startWasm(why), engine);
  if (engine === 'cpu') return orThrow(await startCpu(why), engine);
  return orThrow(await startNative(why, device, { cacheFolder, hideErrors }), 'tensorflow', device);
}

/**
 * Throws the errors of {@link useEngine} that can be known without loading an engine. Loads
 * nothing, so programs can call it before slow work.
 *
 * @throws FixresEngineError as {@link useEngine}
 */
export function requireEngine({
  engine = 'auto',
  device = 'auto',
  cacheFolder = defaultCacheFolder(),
}: Pick<UseEngineOptions, 'engine' | 'device' | 'cacheFolder'>): void {
  checkChoice('engine', engine, engineChoices);
  checkChoice('device', device, deviceChoices);
  if (device === 'gpu' && engine !== 'auto' && engine !== 'tensorflow') {
    throw new FixresEngineError(
      'bad-option',
      `device is 'gpu', which engine '${engine}' cannot use; allowed are engines auto and tensorflow`,
    );
  }
  if (device !== 'gpu' && engine !== 'tensorflow') return;
  const found = findNative(device, cacheFolder);
  if (found && 'problem' in found) throw unavailable(found, 'tensorflow', device);
}

function checkChoice(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new FixresEngineError(
      'bad-option',
      `${option} is '${value}'; allowed are ${allowed.join(', ')}`,
    );
}

/**
 * Sets variables that TensorFlow reads when it is loaded: the number of threads per op, and that
 * ops whose result would depend on the order of threads (on GPUs) are replaced or refused.
 */
function requireDeterministicOps(threads: number): void {
  process.env.TF_DETERMINISTIC_OPS = '1';
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
}

function orThrow(
  started: EngineInfo | Unavailable,
  engine: EngineChoice,
  device: DeviceChoice = 'auto',
): EngineInfo {
  if ('name' in started) return started;
  throw unavailable(started, engine, device);
}

function unavailable(
  { problem, remedy, cause }: Unavailable,
  engine: EngineChoice,
  device: DeviceChoice,
): FixresEngineError {
  const where = device === 'auto' ? '' : ` with device '${device}'`;
  return new FixresEngineError(
    'engine-unavailable',
    `engine '${engine}'${where} cannot run here: ${problem}; ${remedy}`,
    { cause },
  );
}

/** The engine in the cache for a device; null if one is already loaded. */
function findNative(device: DeviceChoice, cacheFolder: string): CachedEngine | null | Unavailable {
  const hasDriver = hasNvidiaDriver();
  if (device === 'gpu' && !hasDriver)
    return {
      problem: 'no NVIDIA driver is loaded',
      remedy: "install it (`nvidia-smi` shows it then), or use device 'cpu'",
    };
  if (loadedNative() !== null) return null;
  const found = findEngine(cacheFolder, flavorsFor(device, hasDriver));
  if (found) return found;
  if (device !== 'gpu')
    return { problem: 'the native engine is not set up', remedy: 'run `fixres setup`' };
  return hasCudaBuild(thisPlatform)
    ? { problem: "TensorFlow's CUDA build is not set up", remedy: 'run `fixres setup --gpu`' }
    : { problem: 'TensorFlow has no CUDA build for this system', remedy: "use device 'cpu'" };
}

async function startNative(
  why: string,
  device: DeviceChoice,
  { cacheFolder, hideErrors }: { cacheFolder: string; hideErrors: boolean },
): Promise<EngineInfo | Unavailable> {
  const hasDriver = hasNvidiaDriver();
  const found = findNative(device, cacheFolder);
  if (found && 'problem' in found) return found;
  if (found) {
    setDeviceVariables(device !== 'cpu' && hasDriver);
    try {
      loadNative(nativePackageIn(found.entry), { hideErrors });
      patchStridedPointwiseGradient();
    } catch (cause) {
      return failedToLoad(cause);
    }
    flavor = found.manifest.flavor;
    asked = device;
  }
  if (!(await activate('tensorflow')))
    return { problem: 'the native backend did not start', remedy: 'run `fixres doctor`' };
  if (found) {
    copyUploads(tf.backend() as unknown as Parameters<typeof copyUploads>[0]);
    try {
      // Not before: with a driver and the CUDA build, TensorFlow may still not see the GPU.
      keepMemory(nativePackageIn(found.entry), {
        platform: process.platform,
        device: deviceInUse(),
        oneDnn: oneDnnInUse(),
        tunables: process.env.GLIBC_TUNABLES,
        source: found.manifest.source,
      });
    } catch (cause) {
      return failedToLoad(cause);
    }
  }
  return wrongDevice(device) ?? describeNative(why, hasDriver);
}

function failedToLoad(cause: unknown): Unavailable {
  return {
    problem: `the native engine failed to load: ${firstLine(cause)}`,
    remedy: 'run `fixres setup --clean`',
    cause,
  };
}

/** Where the native backend, which must be active, computes. */
function deviceInUse(): 'cpu' | 'gpu' {
  return (tf.backend() as unknown as NativeBackend).isUsingGpuDevice ? 'gpu' : 'cpu';
}

/** The build loaded in this process, and the requested device at that time. */
let flavor: EngineFlavor = 'cpu';
let asked: DeviceChoice = 'auto';

/**
 * The suitable builds, best first. Without a driver, the CUDA build computes on the CPU, like the
 * other one.
 */
function flavorsFor(device: DeviceChoice, hasDriver: boolean): readonly EngineFlavor[] {
  if (device === 'gpu') return ['gpu'];
  return device === 'auto' && hasDriver ? ['gpu', 'cpu'] : ['cpu', 'gpu'];
}

/** Sets variables that TensorFlow reads when it is loaded. */
function setDeviceVariables(useGpu: boolean): void {
  if (!useGpu) {
    // Without this, the CUDA build looks for a driver and reports on stderr that there is none.
    process.env.CUDA_VISIBLE_DEVICES = '-1';
    return;
  }
  // Otherwise it allocates all memory of the card at once, and a second process gets none.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
}

/** Why the loaded engine is not on the requested device; null if it is. */
function wrongDevice(device: DeviceChoice): Unavailable | null {
  const actual = deviceInUse();
  if (device === 'auto' || device === actual) return null;
  if (asked === device)
    return {
      problem: 'TensorFlow does not see the GPU',
      remedy: "`fixres doctor` shows what is missing; or use device 'cpu'",
    };
  return {
    problem: `the native engine was loaded for the ${actual.toUpperCase()} in this process before`,
    remedy: 'choose the device at its first use',
  };
}

function describeNative(why: string, hasDriver: boolean): EngineInfo {
  const backend = tf.backend() as unknown as NativeBackend;
  const device = deviceInUse();
  const version = backend.binding.TF_Version;
  const place = device === 'gpu' ? 'on the GPU' : `on the CPU; ${whyNoGpu(hasDriver)}`;
  return {
    name: 'tensorflow',
    device,
    reason: `native TensorFlow ${version}${why && `, ${why},`} ${place}`,
    versions: {
      'tfjs-core': tf.version_core,
      'tfjs-node-gpu': nativePackageVersion,
      tensorflow: version,
    },
  };
}

function whyNoGpu(hasDriver: boolean): string {
  if (!hasDriver) return 'no GPU was found';
  if (!hasCudaBuild(thisPlatform)) return 'TensorFlow has no CUDA build for this system';
  if (asked === 'cpu') return 'the GPU is not used, as selected';
  if (flavor === 'cpu') return 'to use the GPU run `fixres setup --gpu`';
  return (
    'there is a GPU, but TensorFlow does not see it (`fixres doctor` shows what is ' + 'missing)'
  );
}

async function startWasm(why: string): Promise<EngineInfo | Unavailable> {
  let version: string;
  try {
    ({ version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm'));
    registerWasmTrainingKernels();
    if (!(await activate('wasm')))
      return { problem: 'the wasm backend did not start', remedy: "use engine 'cpu'" };
  } catch (cause) {
    return unloadable('@tensorflow/tfjs-backend-wasm', cause);
  }
  return {
    name: 'wasm',
    device: 'cpu',
    reason: `wasm, ${why}`,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-backend-wasm': version },
  };
}

async function startCpu(why: string): Promise<EngineInfo | Unavailable> {
  let version: string;
  try {
    ({ version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu'));
    if (!(await activate('cpu')))
      return { problem: 'the cpu backend did not start', remedy: "use engine 'wasm'" };
  } catch (cause) {
    return unloadable('@tensorflow/tfjs-backend-cpu', cause);
  }
  // At its first tensor, the backend prints an advertisement for tfjs-node. The only other switch
  // (the PROD flag) would turn off all warnings of tfjs.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return {
    name: 'cpu',
    device: 'cpu',
    reason: `plain JavaScript on the CPU, ${why}`,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-backend-cpu': version },
  };
}

async function activate(backendName: string): Promise<boolean> {
  const done = await tf.setBackend(backendName);
  await tf.ready();
  return done;
}

function unloadable(packageName: string, cause: unknown): Unavailable {
  return {
    problem: `${packageName} cannot be loaded: ${firstLine(cause)}`,
    remedy: `run \`npm install ${packageName}\``,
    cause,
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] ?? '';
}
