import type { FeatureChoice } from '@fixres/runs';
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '@fixres/finetune/node';
import type { FeatureSettings } from '../../cached/cache-features.ts';
import { compileTrunk } from '../compiled/compile-trunk.ts';

/** At most this part of what is free is taken. */
const SHARE = 0.5;

export interface FeatureSettingsOptions {
  /** The run's. */
  folder: string;
  /**
   * Whether a run must come out the same, however much is free: arms that keep features differ from others in the last bits. Where these
   * are kept makes no difference. Then the size of the disk decides, and what is free on it may turn out to be too little.
   */
  deterministic: boolean;
}

/** Keeps features in memory, or beside the run in files without a name, which are gone when the process is. */
export async function featureSettings(
  { keep = 'auto', precision = 'full', memoryMb }: FeatureChoice,
  { folder, deterministic }: FeatureSettingsOptions,
): Promise<FeatureSettings> {
  if (keep === 'off') return { budget: { memoryBytes: 0, diskBytes: 0 } };
  const { bavail, blocks, bsize } = await statfs(folder);
  const diskBytes = SHARE * (deterministic ? blocks : bavail) * bsize;
  const memoryBytes =
    memoryMb === undefined
      ? SHARE * Math.min(freemem(), process.constrainedMemory() || Infinity)
      : memoryMb * 1e6;
  return {
    budget: {
      memoryBytes: deterministic ? Math.min(memoryBytes, diskBytes) : memoryBytes,
      diskBytes,
    },
    precision,
    openFile: (name, layout) => fileStore({ file: join(folder, `features-${name}`), ...layout }),
    createTrunk: compileTrunk,
  };
}
