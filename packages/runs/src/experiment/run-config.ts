import type { DeviceChoice, EngineChoice } from '@fixres/engine/names';
import type { DatasetChoice } from './dataset-choice.ts';
import type { Experiment, Precision } from './experiment.ts';
import type { FurtherLog } from './names.ts';

/** How the features of frozen layers are cached. */
export interface FeatureChoice {
  /** Default `auto`: cached if the result is exact, which excludes `half` precision. */
  keep?: 'auto' | 'off' | undefined;
  precision?: 'full' | 'half' | undefined;
  /**
   * Maximum memory for them, in 10^6 bytes. Default: half of the free memory at the start of the
   * run.
   */
  memoryMb?: number | undefined;
}

/** How a run divides a memory budget, in 10^6 bytes. */
export interface MemoryPlan {
  /** The budget: the highest resident set size of the process. */
  limitMb: number;
  /** For the process and its training, without cached photos and features. */
  trainingMb: number;
  /** For cached features; 0 if they do not fit, or there are none. */
  featuresMb: number;
  /** For cached photos; the others are decoded each time. */
  photosMb: number;
}

/** Where decoded images are cached on disk. */
interface DiskCacheChoice {
  folder: string;
  maxBytes: number;
}

/** How several processes train one model together; the same in all. */
export interface ClusterSettings {
  /** Whether batch normalisation uses the statistics of the images of all processes. */
  syncBatchNorm: boolean;
  /** In which gradients travel between processes and are added. */
  gradientPrecision: Precision;
}

export const defaultClusterSettings: ClusterSettings = {
  syncBatchNorm: false,
  gradientPrecision: 'float32',
};

/** `config.json` of a run: everything needed to resume or repeat it. */
export interface RunConfig {
  dataset: DatasetChoice;
  engine: EngineChoice;
  device: DeviceChoice;
  deterministic: boolean;
  logs: readonly FurtherLog[];
  diskCache?: DiskCacheChoice | undefined;
  features?: FeatureChoice | undefined;
  /** Of a run with a memory budget. It does not change results. */
  memory?: MemoryPlan | undefined;
  /** The command that repeats the run. */
  command: string;
  /** For a run on several processes: their number at its start, and how they train together. */
  cluster?: ({ ranks: number } & ClusterSettings) | undefined;
  experiment: Experiment;
  /** Threads of the engine at the start of the run; a deterministic run keeps this number. */
  threads: number;
  /**
   * SHA-256 of names, labels and pixels of the images, which must be the same when the run is
   * resumed.
   */
  images: { train: string; heldOut: string };
  /** Of a run of only some trials of an experiment: `experiment` has only their arms and seeds. */
  part?: RunPart | undefined;
}

/** The trials of a run, and the whole experiment that they belong to. */
export interface RunPart {
  /** Names of the trials; see `trialsOf`. */
  trials: string[];
  of: Experiment;
}
