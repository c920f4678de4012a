import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { loadAddon } from './addons.ts';
import type { EngineManifest } from './engine-entry.ts';
import type { NativePackage } from './native-package.ts';

/** What this process does with memory that TensorFlow frees after each operation. */
export interface AllocatorReport {
  /** Whether the allocator keeps it for the next step. */
  readonly keepsMemory: boolean;
  /** Whether it is backed by huge pages. */
  readonly hugePages: boolean;
  /** One clause for the user. */
  readonly reason: string;
  /** What would make it keep memory; undefined if nothing would, and if it does. */
  readonly remedy?: string;
}

/** Facts that decide whether the allocator is told to keep memory. */
export interface AllocatorFacts {
  readonly platform: NodeJS.Platform;
  readonly device: 'cpu' | 'gpu';
  /** Whether TensorFlow computes with oneDNN; see {@link usesOneDnn}. */
  readonly oneDnn: boolean;
  /** The variable `GLIBC_TUNABLES`. */
  readonly tunables: string | undefined;
  /** Where the binding is from; addons are built only next to our own. */
  readonly source: EngineManifest['source'];
}

interface KeepMemory {
  /** See `native/keep_memory.cc`. */
  renew(reserveBytes: number): number | undefined;
}

let kept: { addon: KeepMemory; reserve: number } | undefined;
let report: AllocatorReport = {
  keepsMemory: false,
  hugePages: false,
  reason: 'the native engine is not in use',
};

/**
 * Makes glibc's malloc keep freed memory, on huge pages if the kernel has them. Otherwise malloc
 * returns large tensors to the kernel in each step and takes them again, and the kernel clears
 * every page each time. Applies to the whole process.
 *
 * Only for TensorFlow's own kernels on the CPU: with oneDNN, TensorFlow pools its memory itself,
 * and there was no difference (docs/benchmarks.md).
 */
export function keepMemory(nativePackage: NativePackage, facts: AllocatorFacts): void {
  const against = reasonAgainst(facts);
  if (against !== undefined) {
    report = { keepsMemory: false, hugePages: false, reason: against };
    return;
  }
  const addon = loadAddon(nativePackage, 'keep_memory') as KeepMemory | null;
  if (addon === null) {
    report = {
      keepsMemory: false,
      hugePages: false,
      reason: 'an addon of the engine is missing',
      remedy: 'run `fixres setup`, which builds it if there is a C++ compiler',
    };
    return;
  }
  const reserve = hugePageReserve();
  const reserved = addon.renew(reserve);
  if (reserved === undefined) {
    report = { keepsMemory: false, hugePages: false, reason: 'malloc is not that of glibc' };
    return;
  }
  kept = { addon, reserve };
  report = {
    keepsMemory: true,
    hugePages: reserved > 0,
    reason: `glibc keeps freed memory, ${reserved > 0 ? 'on huge pages' : 'without huge pages'}`,
  };
}

/** What {@link keepMemory} decided. */
export function allocatorReport(): AllocatorReport {
  return report;
}

/**
 * Returns memory that is free now to the system, if the native engine keeps it; takes milliseconds.
 * Useful between two trainings, so that the peak of the second one is its own.
 */
export function releaseFreeMemory(): void {
  kept?.addon.renew(kept.reserve);
}

/** Why memory is not kept; undefined if it is. */
export function reasonAgainst({
  platform,
  device,
  oneDnn,
  tunables = '',
  source,
}: AllocatorFacts): string | undefined {
  if (platform !== 'linux') return `as ${platform} does it`;
  if (device === 'gpu') return 'the GPU has its own memory';
  if (oneDnn) return 'TensorFlow pools memory itself, with oneDNN';
  if (tunables.includes('glibc.malloc.')) return 'the variable GLIBC_TUNABLES sets malloc';
  if (source === 'vendor') return "the vendor's binding has no addon for it";
  return undefined;
}

/**
 * Whether TensorFlow computes with oneDNN on Linux: by default on x86-64 processors with
 * instructions for neural networks, otherwise as `TF_ENABLE_ONEDNN_OPTS` says (release notes of
 * TensorFlow 2.9). Unknown, and therefore true, on other architectures.
 *
 * @param features those of `parseFeatures`
 */
export function usesOneDnn(
  architecture: string,
  features: readonly string[],
  variable: string | undefined,
): boolean {
  if (/^(?:0|false)$/i.test(variable ?? '')) return false;
  if (/^(?:1|true)$/i.test(variable ?? '') || architecture !== 'x64') return true;
  return features.some((feature) => /^(?:avx512_vnni|avx_vnni|avx512_bf16|amx_)/.test(feature));
}

/**
 * Half of the machine's memory, as address space; 0 if huge pages are off, and if the kernel counts
 * reserved memory as used. A reserve that is larger than the memory would make `fork` fail.
 */
function hugePageReserve(): number {
  const hugePages = read('/sys/kernel/mm/transparent_hugepage/enabled');
  if (!/\[(?:always|madvise)\]/.test(hugePages)) return 0;
  return read('/proc/sys/vm/overcommit_memory').trim() === '2' ? 0 : Math.floor(totalmem() / 2);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
