import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { defaultCacheFolder } from '../cache-folder.ts';
import type { EngineInfo } from '../engine-name.ts';
import { findEngine } from '../native/engine-entry.ts';
import { precisionTimes } from '../graph/precision-times.ts';
import type { PrecisionTimes } from '../graph/time-precisions.ts';
import { registerWinograd } from '../native/winograd.ts';
import { hasCudaBuild, thisPlatform } from '../native/platform.ts';
import { allocatorReport, type AllocatorReport } from '../native/keep-memory.ts';
import { findCompiler, findNpm, findPip } from '../setup/find-tools.ts';
import { folderSize } from '../setup/watch-folder.ts';
import { useEngine } from '../use-engine.ts';
import { type CpuReport, inspectCpu } from './cpu.ts';
import { diagnoseGpu, type GpuDiagnosis, type GpuFacts } from './diagnose-gpu.ts';
import { findGpus, type GpuReport, hasNvidiaDriver } from './gpu.ts';
import { inspectMemory, type MemoryReport } from './memory.ts';

/** All facts in the output of `fixres doctor`; plain data. */
export interface MachineReport {
  readonly node: { readonly version: string; readonly abi: string; readonly napi: string };
  readonly platform: string;
  /** The tfjs packages of the engines; null for a missing one. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** What `useEngine()` chooses here. */
  readonly engine: EngineInfo;
  /** The native engine in the cache, or null; if both builds are installed, the one in use. */
  readonly native: {
    readonly flavor: 'cpu' | 'gpu';
    readonly tensorflow: string;
    readonly folder: string;
  } | null;
  /** What the setup of the native engine lacks, one clause each; empty if it is set up. */
  readonly toolsMissing: readonly string[];
  readonly cpu: CpuReport;
  /** What the native engine does with freed memory. */
  readonly allocator: AllocatorReport;
  /** Whether compiled graphs use Winograd's method for 3 x 3 convolutions; null on a GPU or another engine. */
  readonly winograd: boolean | null;
  /** Milliseconds of the same work in each precision; null without the native engine. */
  readonly precisionTimes: PrecisionTimes | null;
  readonly gpus: readonly GpuReport[];
  /** Whether the engine uses the GPU, and what is missing for it. */
  readonly gpu: GpuDiagnosis;
  readonly memory: MemoryReport;
  readonly cache: { readonly folder: string; readonly sizeMb: number };
  /** What would make training faster here, most effective first; empty if nothing would. */
  readonly advice: readonly string[];
}

/**
 * With less memory, ResNet50V2 at 224 pixels and batch size 32 does not fit beside the system (its
 * step peaks at about 4 GB).
 */
const comfortableMemoryMb = 6000;

/**
 * Inspects the machine. Loads the best engine to find out what works, so that engine is the current
 * tfjs backend afterwards.
 *
 * @param cacheFolder The cache to inspect; default: {@link defaultCacheFolder}.
 */
export async function inspectMachine({
  cacheFolder = defaultCacheFolder(),
}: { cacheFolder?: string } = {}): Promise<MachineReport> {
  const folder = resolve(cacheFolder);
  const engine = await useEngine({ cacheFolder: folder });
  const driverLoaded = hasNvidiaDriver();
  const canHaveCudaBuild = hasCudaBuild(thisPlatform);
  const found = findEngine(folder, driverLoaded ? ['gpu', 'cpu'] : ['cpu', 'gpu']);
  const [cpu, gpus, toolsMissing] = await Promise.all([
    inspectCpu(),
    findGpus(),
    found ? [] : missingTools(),
  ]);
  const memory = inspectMemory();
  const gpu = await diagnoseGpu({
    driverLoaded,
    gpus,
    seen: engine.device === 'gpu',
    canHaveCudaBuild,
    cudaBuild: findEngine(folder, ['gpu']),
  });
  const allocator = allocatorReport();
  const isNativeOnCpu = engine.name === 'tensorflow' && engine.device === 'cpu';
  const winograd = isNativeOnCpu ? registerWinograd() : null;
  const facts = { engine, cpu, allocator, winograd, gpu, memory, toolsMissing, canHaveCudaBuild };
  return {
    node: {
      version: process.versions.node,
      abi: process.versions.modules,
      napi: process.versions.napi ?? '',
    },
    platform: thisPlatform,
    packages: {
      'tfjs-core': packageVersion('@tensorflow/tfjs-core'),
      'tfjs-node-gpu': found?.manifest.tfjsNodeGpu ?? null,
      'tfjs-backend-wasm': packageVersion('@tensorflow/tfjs-backend-wasm'),
      'tfjs-backend-cpu': packageVersion('@tensorflow/tfjs-backend-cpu'),
    },
    native: found && {
      flavor: found.manifest.flavor,
      tensorflow: found.manifest.tensorflow,
      folder: found.entry,
    },
    gpus,
    engine,
    cpu,
    allocator,
    winograd,
    precisionTimes:
      engine.name === 'tensorflow' ? await precisionTimes(engine, { cacheFolder: folder }) : null,
    gpu,
    memory,
    toolsMissing,
    cache: { folder, sizeMb: existsSync(folder) ? Math.round(folderSize(folder) / 1e6) : 0 },
    advice: adviceFor(facts),
  };
}

/** Facts that {@link adviceFor} uses. */
export type AdviceFacts = Pick<
  MachineReport,
  'engine' | 'cpu' | 'allocator' | 'winograd' | 'gpu' | 'memory' | 'toolsMissing'
> &
  Pick<GpuFacts, 'canHaveCudaBuild'> & {
    /** Default: that of this process. */
    readonly platform?: NodeJS.Platform;
  };

/** What would make training faster, most effective first. */
export function adviceFor({
  engine,
  cpu,
  allocator,
  winograd,
  gpu,
  memory,
  toolsMissing,
  canHaveCudaBuild,
  platform = process.platform,
}: AdviceFacts): string[] {
  const advice: string[] = [];
  if (engine.name !== 'tensorflow') {
    const setUp = `\`fixres setup${gpu.driverLoaded && canHaveCudaBuild ? ' --gpu' : ''}\``;
    advice.push(
      toolsMissing.length === 0
        ? `Set up the native engine with ${setUp}; it trains much faster than ${engine.name}.`
        : `Set up the native engine, which trains much faster than ${engine.name}: ${toolsMissing.join('; ')}; then run ${setUp}.`,
    );
  } else if (gpu.missing) {
    advice.push(`Use the GPU: ${gpu.missing}.`);
  }
  if (
    engine.device === 'cpu' &&
    engine.name === 'tensorflow' &&
    !cpu.features.some((feature) => /^(avx2|avx512f|asimd)$/.test(feature))
  ) {
    advice.push('This processor has no AVX2, which the fast paths of TensorFlow need.');
  }
  // The addons are built on Linux only.
  if (winograd === false && platform === 'linux')
    advice.push(
      'Compute 3x3 convolutions with fewer multiplications: run `fixres setup` where there is a C++ compiler.',
    );
  if (allocator.remedy !== undefined)
    advice.push(`Keep freed memory: ${allocator.reason}; ${allocator.remedy}.`);
  if ((memory.limitMb ?? memory.totalMb) < comfortableMemoryMb) {
    advice.push(
      `There is little memory (${memory.limitMb ?? memory.totalMb} MB); use a smaller --batch-size or --large.`,
    );
  }
  return advice;
}

async function missingTools(): Promise<string[]> {
  // On Windows the vendor's prebuilt engine is used; nothing is compiled.
  const tools = await Promise.all(
    process.platform === 'win32' ? [findNpm()] : [findCompiler(), findPip(), findNpm()],
  );
  return tools.flatMap((tool) => ('problem' in tool ? [tool.problem] : []));
}

function packageVersion(name: string): string | null {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
