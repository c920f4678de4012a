import type { CachedEngine } from '../native/engine-entry.ts';
import { nativePackageIn } from '../native/native-package.ts';
import { verifyCommand } from '../setup/build/verify-binding.ts';
import { runCommand } from '../setup/run-command.ts';
import type { GpuReport } from './gpu.ts';

/** Whether a GPU can be used. */
export interface GpuDiagnosis {
  /** Whether NVIDIA's driver is loaded. */
  readonly driverLoaded: boolean;
  /** Whether the engine computes on a GPU. */
  readonly seen: boolean;
  /**
   * What is missing for that and how to get it, as one clause; null if nothing is missing or there
   * is no GPU.
   */
  readonly missing: string | null;
}

/** Facts that a diagnosis is based on. */
export interface GpuFacts {
  readonly driverLoaded: boolean;
  readonly gpus: readonly GpuReport[];
  /** Whether the engine computes on a GPU. */
  readonly seen: boolean;
  /** Whether there is a CUDA build for this system. */
  readonly canHaveCudaBuild: boolean;
  /** The CUDA build in the cache, or null. */
  readonly cudaBuild: CachedEngine | null;
}

/**
 * The oldest Linux driver that runs CUDA 12 programs, from NVIDIA's table of minor version
 * compatibility.
 */
const oldestDriver: readonly [number, number] = [525, 60];

/**
 * Finds out why the engine does not use the GPU. If nothing else explains it, loads the CUDA build
 * in a separate process.
 */
export async function diagnoseGpu(facts: GpuFacts, signal?: AbortSignal): Promise<GpuDiagnosis> {
  const { driverLoaded, seen } = facts;
  return { driverLoaded, seen, missing: seen ? null : await whatIsMissing(facts, signal) };
}

async function whatIsMissing(
  { driverLoaded, gpus, cudaBuild, canHaveCudaBuild }: GpuFacts,
  signal?: AbortSignal,
): Promise<string | null> {
  const [card] = gpus;
  if (!driverLoaded) return card ? "NVIDIA's driver is not loaded here" : null;
  if (!canHaveCudaBuild) return 'TensorFlow has no CUDA build for this system';
  // Containers see the driver of their host even without access to the card.
  if (!card)
    return '`nvidia-smi` lists no card, or is missing; start a container with the GPU (`--gpus all`)';
  const [major = 0, minor = 0] = card.driver.split('.').map(Number);
  if (major < oldestDriver[0] || (major === oldestDriver[0] && minor < oldestDriver[1])) {
    return `driver ${card.driver} is too old: CUDA 12 needs ${oldestDriver.join('.')} or newer`;
  }
  if (!cudaBuild) return "TensorFlow's CUDA build is not set up: run `fixres setup --gpu`";
  return (
    explainLog(await logOfLoading(cudaBuild, signal)) ??
    'TensorFlow gives no reason for not finding a GPU: run `fixres setup --gpu --clean`'
  );
}

async function logOfLoading({ entry }: CachedEngine, signal?: AbortSignal): Promise<string> {
  const { command, args } = verifyCommand(nativePackageIn(entry).bindingFile);
  const { output } = await runCommand(command, args, {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      TF_CPP_MIN_LOG_LEVEL: '0',
      TF_CPP_VMODULE: 'dso_loader=1',
    },
    signal,
  });
  return output;
}

/** The reason for a missing GPU in TensorFlow's log, as one clause; null if there is none. */
export function explainLog(log: string): string | null {
  const library = /Could not load dynamic library '([^']+)'/.exec(log)?.[1];
  if (library) return `library ${library} does not load: run \`fixres setup --gpu --clean\``;
  const cuInit = /failed call to cuInit: (.+)/.exec(log)?.[1];
  if (cuInit) return `the driver does not start: ${cuInit.trim()}`;
  if (/Cannot dlopen (some GPU|all CUDA) libraries/.test(log))
    return 'some of the CUDA libraries do not load: run `fixres setup --gpu --clean`';
  return null;
}
