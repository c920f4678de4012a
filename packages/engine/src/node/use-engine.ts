import * as tf from '@tensorflow/tfjs-core';
import type { EngineChoice, EngineInfo } from '../engine-name.ts';
import { engineChoices } from '../engine-name.ts';
import { FixresEngineError } from '../errors.ts';
import { mendStridedPointwiseGradient } from '../native/strided-pointwise-gradient.ts';
import { registerWasmTrainingKernels } from '../wasm/register-training-kernels.ts';
import { requireDeterministicOps } from './deterministic-ops.ts';
import { loadNative, type NativeBackend } from './load-native.ts';
import { hasNvidiaDriver } from './machine/gpu.ts';
import { findNativePackage, hasBinding, nativePackageName, type NativePackage } from './native-package.ts';
import { linkedEntry, readManifest } from './setup/engine-entry.ts';

/** Options of {@link useEngine}. */
export interface UseEngineOptions {
  /** Which engine; `auto` (the default) takes the first that works of native GPU, native CPU, wasm, cpu. */
  readonly engine?: EngineChoice;
  /**
   * Whether the native engine computes the same bits in every run on one machine. Process-wide, and only where the engine has not
   * been loaded before. Default false. The other engines always do.
   */
  readonly deterministic?: boolean;
  /** Told what is tried and what failed, one sentence at a time; for a verbose mode. */
  readonly onMessage?: (message: string) => void;
}

/** An engine that does not work here: why, and the way out. */
interface Unavailable {
  readonly problem: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * Chooses the tfjs backend, loads it and makes it the current one. Call it once, before the first tensor; calling it again
 * switches engines, and tensors made before stay with the old one.
 *
 * @returns Which engine runs, on what device, and why.
 * @throws FixresEngineError `engine-unavailable` when the engine that was asked for (or, with `auto`, any) cannot run here;
 *   `invalid-option` for an unknown name.
 */
export async function useEngine({ engine = 'auto', deterministic = false, onMessage }: UseEngineOptions = {}): Promise<EngineInfo> {
  if (!engineChoices.includes(engine)) {
    throw new FixresEngineError('invalid-option', `engine is '${engine}'; allowed are ${engineChoices.join(', ')}`);
  }
  if (deterministic) requireDeterministicOps();
  if (engine === 'auto') {
    const native = await startNative('');
    if ('name' in native) return native;
    onMessage?.(`the native engine is not used: ${native.problem}`);
    const because = `because ${native.problem} (${native.remedy})`;
    const wasm = await startWasm(because);
    if ('name' in wasm) return wasm;
    onMessage?.(`wasm is not used: ${wasm.problem}`);
    return orThrow(await startCpu(`${because} and ${wasm.problem}`), engine);
  }
  const start = { tensorflow: startNative, wasm: startWasm, cpu: startCpu }[engine];
  return orThrow(await start('as chosen'), engine);
}

function orThrow(started: EngineInfo | Unavailable, engine: EngineChoice): EngineInfo {
  if ('name' in started) return started;
  const { problem, remedy, cause } = started;
  throw new FixresEngineError('engine-unavailable', `engine '${engine}' cannot run here: ${problem}; ${remedy}`, { cause });
}

async function startNative(why: string): Promise<EngineInfo | Unavailable> {
  const nativePackage = findNativePackage();
  if (!nativePackage) {
    return { problem: `the package ${nativePackageName} is not installed`, remedy: `run \`npm install ${nativePackageName}\`` };
  }
  if (!hasBinding(nativePackage)) return { problem: 'the native engine is not set up', remedy: 'run `fixres setup`' };
  try {
    loadNative(nativePackage);
    mendStridedPointwiseGradient();
  } catch (cause) {
    return {
      problem: `the native engine failed to load: ${firstLine(cause)}`,
      remedy: 'run `fixres setup --clean`, then `fixres setup`',
      cause,
    };
  }
  if (!(await activate('tensorflow'))) return { problem: 'the native backend did not start', remedy: 'run `fixres doctor`' };
  return describeNative(nativePackage, why);
}

function describeNative(nativePackage: NativePackage, why: string): EngineInfo {
  const backend = tf.backend() as unknown as NativeBackend;
  const device = backend.isUsingGpuDevice ? 'gpu' : 'cpu';
  const version = backend.binding.TF_Version;
  const place = device === 'gpu' ? 'on the GPU' : `on the CPU; ${whyNoGpu(nativePackage)}`;
  return {
    name: 'tensorflow',
    device,
    reason: `native TensorFlow ${version}${why && `, ${why},`} ${place}`,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-node-gpu': nativePackage.version, tensorflow: version },
  };
}

function whyNoGpu(nativePackage: NativePackage): string {
  if (!hasNvidiaDriver()) return 'no GPU was found';
  const entry = linkedEntry(nativePackage);
  if (entry && readManifest(entry)?.flavor === 'cpu') return 'to use the GPU run `fixres setup --gpu`';
  return 'there is a GPU, but TensorFlow found no matching CUDA and cuDNN libraries';
}

async function startWasm(why: string): Promise<EngineInfo | Unavailable> {
  let version: string;
  try {
    ({ version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm'));
    registerWasmTrainingKernels();
    if (!(await activate('wasm'))) return { problem: 'the wasm backend did not start', remedy: "use engine 'cpu'" };
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
    if (!(await activate('cpu'))) return { problem: 'the cpu backend did not start', remedy: "use engine 'wasm'" };
  } catch (cause) {
    return unloadable('@tensorflow/tfjs-backend-cpu', cause);
  }
  // The backend prints an advertisement for tfjs-node at its first tensor. The only other switch (the PROD flag) would turn
  // off every warning of tfjs.
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
  return { problem: `${packageName} cannot be loaded: ${firstLine(cause)}`, remedy: `run \`npm install ${packageName}\``, cause };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] ?? '';
}
