import type { FeatureChoice, MemoryPlan, RunConfig } from '@fixres/runs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '@fixres/finetune/node';
import type { FeatureSettings } from '../../cached/cache-features.ts';
import { compileTrunk } from '../compiled/compile-trunk.ts';
import { withinLimit } from '../memory/within-limit.ts';

/** The maximum fraction of the free space that is used. */
const SHARE = 0.5;

export interface FeatureSettingsOptions {
  /** The run folder, or another one on the same disk. */
  folder: string;
  /** Where the files of features are created. Default: `folder`. */
  files?: string;
  /**
   * Whether a run must compute the same result regardless of free space. Arms with cached features
   * differ from others in the last bits; whether these are in memory or on disk makes no
   * difference. So the size of the disk decides, and its free space may turn out to be too small.
   */
  deterministic: boolean;
}

/**
 * Caches features in memory, or in unnamed files in the run folder, which disappear with the
 * process.
 */
export async function featureSettings(
  { keep = 'auto', precision = 'full', memoryMb }: FeatureChoice,
  { folder, deterministic, files = folder }: FeatureSettingsOptions,
): Promise<FeatureSettings> {
  if (keep === 'off') return { budget: { memoryBytes: 0, diskBytes: 0 } };
  const { bavail, blocks, bsize } = await statfs(folder);
  const diskBytes = SHARE * (deterministic ? blocks : bavail) * bsize;
  const memoryBytes = memoryMb === undefined ? SHARE * withinLimit(freemem()) : memoryMb * 1e6;
  return {
    budget: {
      memoryBytes: deterministic ? Math.min(memoryBytes, diskBytes) : memoryBytes,
      diskBytes,
    },
    precision,
    openFile: (name, layout) => fileStore({ file: join(files, `features-${name}`), ...layout }),
    createTrunk: compileTrunk,
  };
}

/** The features of a run, in no more memory than its plan gives them. */
export function plannedFeatures({
  features = {},
  memory,
}: Pick<RunConfig, 'features' | 'memory'>): FeatureChoice {
  if (memory === undefined) return features;
  const { featuresMb }: MemoryPlan = memory;
  return { ...features, memoryMb: Math.min(features.memoryMb ?? Infinity, featuresMb) };
}

export interface ClusterFeatureOptions {
  /** As in {@link FeatureSettingsOptions}: here the size of the memory decides, not what is free. */
  deterministic: boolean;
  /** Number of processes of the cluster on this machine, which divide its memory. */
  processes: number;
}

/** Caches features in the memory of each of several processes. `memoryMb` is that of one process. */
export function clusterFeatureSettings(
  { keep = 'auto', precision = 'full', memoryMb }: FeatureChoice,
  { deterministic, processes }: ClusterFeatureOptions,
): FeatureSettings {
  if (keep === 'off') return { budget: { memoryBytes: 0, diskBytes: 0 } };
  const available = withinLimit(deterministic ? totalmem() : freemem());
  const memoryBytes = memoryMb === undefined ? (SHARE * available) / processes : memoryMb * 1e6;
  return { budget: { memoryBytes, diskBytes: 0 }, precision, createTrunk: compileTrunk };
}
