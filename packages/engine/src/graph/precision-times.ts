import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder } from '../cache-folder.ts';
import type { EngineInfo } from '../engine-name.ts';
import { findGpus } from '../machine/gpu.ts';
import { oneDnnInUse } from '../native/one-dnn-in-use.ts';
import { registerWinograd } from '../native/winograd.ts';
import type { Precision } from './compile-graph.ts';
import type { PrecisionTimes } from './time-precisions.ts';

export interface PrecisionTimesOptions {
  /** Folder of the measured times; default: {@link defaultCacheFolder}. */
  cacheFolder?: string;
  /** Default: `timePrecisions`, which is loaded with the compiler when it is needed. */
  measure?: () => PrecisionTimes;
}

/** Less is within the noise of the measurement. */
const NOTABLE = 1.1;

/**
 * How fast this machine computes in each precision: measured once, then read from the cache folder,
 * for as long as processor, graphics card, engine and the use of oneDNN and of Winograd's method are the same.
 *
 * @param engine the native engine, which must be in use
 * @throws FixresEngineError `engine-unavailable` for another engine
 */
export async function precisionTimes(
  engine: Pick<EngineInfo, 'device' | 'versions'>,
  { cacheFolder = defaultCacheFolder(), measure }: PrecisionTimesOptions = {},
): Promise<PrecisionTimes> {
  const file = join(cacheFolder, 'precision-times.json');
  const stored = await readTimes(file);
  const key = await machineKey(engine);
  const known = stored[key];
  if (isTimes(known)) return known;
  const times = measure ? measure() : (await import('./time-precisions.ts')).timePrecisions();
  await writeTimes(file, { ...stored, [key]: times });
  return times;
}

/** The precision that is notably faster; float32 if neither is. */
export function fasterPrecision({ float32, bfloat16 }: PrecisionTimes): Precision {
  return float32 / bfloat16 >= NOTABLE ? 'bfloat16' : 'float32';
}

/** How many times as long bfloat16 takes as float32; undefined if it is not notably slower. */
export function bfloat16Slowdown({ float32, bfloat16 }: PrecisionTimes): number | undefined {
  const factor = bfloat16 / float32;
  return factor >= NOTABLE ? factor : undefined;
}

async function machineKey({
  device,
  versions,
}: Pick<EngineInfo, 'device' | 'versions'>): Promise<string> {
  const place =
    device === 'gpu'
      ? (await findGpus()).map(({ name }) => name).join(', ')
      : // Its kernels compute in bfloat16; TensorFlow's own emulate it.
        `${cpus()[0]?.model.trim() ?? 'unknown'}${oneDnnInUse() ? ' with oneDNN' : ''}${registerWinograd() ? ' and Winograd' : ''}`;
  // With what is timed: other times are not comparable.
  return `${place}; TensorFlow ${versions.tensorflow ?? 'unknown'}; bottleneck of 1024 channels`;
}

async function readTimes(file: string): Promise<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null ? { ...content } : {};
  } catch {
    // Missing or damaged: measure again.
    return {};
  }
}

function isTimes(value: unknown): value is PrecisionTimes {
  if (typeof value !== 'object' || value === null) return false;
  const { float32, bfloat16 } = value as Partial<Record<Precision, unknown>>;
  return [float32, bfloat16].every((each) => typeof each === 'number' && each > 0);
}

async function writeTimes(file: string, times: object): Promise<void> {
  const partial = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(partial, `${JSON.stringify(times, null, 2)}\n`);
    await rename(partial, file);
  } catch {
    // A folder that cannot be written only costs the next process half a second.
    await rm(partial, { force: true }).catch(() => undefined);
  }
}
