import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { EngineInfo } from '../../engine-name.ts';
import { defaultCacheFolder } from '../cache-folder.ts';
import { findNativePackage, hasBinding, nativePackageName } from '../native-package.ts';
import { linkedEntry, readManifest } from '../setup/engine-entry.ts';
import { folderSize } from '../setup/watch-folder.ts';
import { useEngine } from '../use-engine.ts';
import { type CpuReport, inspectCpu } from './cpu.ts';
import { findGpus, type GpuReport } from './gpu.ts';
import { inspectMemory, type MemoryReport } from './memory.ts';

/** Everything `fixres doctor` shows; plain data. */
export interface MachineReport {
  readonly node: { readonly version: string; readonly abi: string; readonly napi: string };
  readonly platform: string;
  /** Installed packages that the engines are made of; null for one that is not installed. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** What `useEngine()` chooses here. */
  readonly engine: EngineInfo;
  /** The native engine in the cache that the package is linked to, if any. */
  readonly native: { readonly flavor: 'cpu' | 'gpu'; readonly tensorflow: string; readonly folder: string } | null;
  readonly cpu: CpuReport;
  readonly gpus: readonly GpuReport[];
  readonly memory: MemoryReport;
  readonly cache: { readonly folder: string; readonly sizeMb: number };
  /** What would make training faster here; empty when nothing would. */
  readonly advice: readonly string[];
}

/** Below this, ResNet50V2 at 224 pixels and batch 32 does not fit beside the system (its step peaks at about 4 GB). */
const comfortableMemoryMb = 6000;

/**
 * Looks at the machine. Loads the best engine to see what works, so the current tfjs backend is that one afterwards.
 *
 * @param cacheFolder The cache to measure; {@link defaultCacheFolder} by default.
 */
export async function inspectMachine({ cacheFolder = defaultCacheFolder() }: { cacheFolder?: string } = {}): Promise<MachineReport> {
  const engine = await useEngine();
  const [cpu, gpus] = await Promise.all([inspectCpu(), findGpus()]);
  const memory = inspectMemory();
  const folder = resolve(cacheFolder);
  const facts = { engine, cpu, gpus, memory, native: describeLinked() };
  return {
    node: { version: process.versions.node, abi: process.versions.modules, napi: process.versions.napi ?? '' },
    platform: `${process.platform}-${process.arch}`,
    packages: Object.fromEntries(
      ['tfjs-core', 'tfjs-node-gpu', 'tfjs-backend-wasm', 'tfjs-backend-cpu'].map((name) => [name, packageVersion(`@tensorflow/${name}`)]),
    ),
    ...facts,
    cache: { folder, sizeMb: existsSync(folder) ? Math.round(folderSize(folder) / 1e6) : 0 },
    advice: adviceFor({ ...facts, hasPackage: findNativePackage() !== null }),
  };
}

/** What {@link adviceFor} judges. */
export interface AdviceFacts extends Pick<MachineReport, 'engine' | 'cpu' | 'gpus' | 'memory' | 'native'> {
  readonly hasPackage: boolean;
}

/** What would make training faster, most effective first. */
export function adviceFor({ engine, cpu, gpus, memory, native, hasPackage }: AdviceFacts): string[] {
  const advice: string[] = [];
  if (engine.name !== 'tensorflow') {
    advice.push(
      hasPackage
        ? 'Set up the native engine with `fixres setup`; it trains much faster than wasm.'
        : `Install ${nativePackageName} and run \`fixres setup\`; the native engine trains much faster than wasm.`,
    );
  }
  if (gpus.length > 0 && engine.device === 'cpu') {
    advice.push(
      native?.flavor === 'gpu'
        ? 'TensorFlow does not see the GPU: install the CUDA 12 and cuDNN 9 libraries it asks for.'
        : 'Use the GPU with `fixres setup --gpu`.',
    );
  }
  if (engine.device === 'cpu' && engine.name === 'tensorflow' && !cpu.features.some((feature) => /^(avx2|avx512f|asimd)$/.test(feature))) {
    advice.push('This processor has no AVX2, which the fast paths of TensorFlow need.');
  }
  if ((memory.limitMb ?? memory.totalMb) < comfortableMemoryMb) {
    advice.push(`There is little memory (${memory.limitMb ?? memory.totalMb} MB); use a smaller --batch or --large.`);
  }
  return advice;
}

function describeLinked(): MachineReport['native'] {
  const nativePackage = findNativePackage();
  const entry = nativePackage && hasBinding(nativePackage) ? linkedEntry(nativePackage) : null;
  const manifest = entry && readManifest(entry);
  return entry && manifest ? { flavor: manifest.flavor, tensorflow: manifest.tensorflow, folder: entry } : null;
}

function packageVersion(name: string): string | null {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
