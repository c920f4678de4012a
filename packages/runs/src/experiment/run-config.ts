import type { DeviceChoice, EngineChoice } from '@fixres/engine/names';
import type { Experiment } from './experiment.ts';
import type { FurtherLog } from './names.ts';

/** How a data set is read, in the words of an experiment file. */
export interface DatasetReading {
  /** Local copy of the archive of `tf_flowers`. */
  archive?: string | undefined;
  /** Name of the field that contains the labels. */
  labelKey?: string | undefined;
  classNames?: readonly string[] | undefined;
  /** Whether a manifest may name files outside of its folder. */
  allowOutside?: boolean | undefined;
  /** Largest image that is read, in 10^6 pixels. */
  maxMegapixels?: number | undefined;
}

/** The images of a run, in the words of an experiment file. */
export interface DatasetChoice extends DatasetReading {
  /** `synthetic`, `tf_flowers`, or a path. */
  source: string;
  /** Most images. */
  limit?: number | undefined;
  /** Part of the images to hold out, 0..1. */
  heldOut?: number | undefined;
  /** Whether files that cannot be decoded are left out; otherwise they end the run. */
  skipCorrupt?: boolean | undefined;
}

/** How the features of frozen layers are kept. */
export interface FeatureChoice {
  /** Default `auto`: kept where that is exact, which `half` precision is not. */
  keep?: 'auto' | 'off' | undefined;
  precision?: 'full' | 'half' | undefined;
  /** Most memory for them, in 10^6 bytes. Default: half of what is free when the run begins. */
  memoryMb?: number | undefined;
}

/** Where decoded images are kept on disk. */
interface DiskCacheChoice {
  folder: string;
  maxBytes: number;
}

/** `config.json` of a run: all that is needed to resume it or to repeat it. */
export interface RunConfig {
  dataset: DatasetChoice;
  engine: EngineChoice;
  device: DeviceChoice;
  deterministic: boolean;
  logs: readonly FurtherLog[];
  diskCache?: DiskCacheChoice | undefined;
  features?: FeatureChoice | undefined;
  /** The command that repeats the run. */
  command: string;
  experiment: Experiment;
  /** Threads of the engine when the run began; a deterministic run keeps this number. */
  threads: number;
  /** SHA-256 of names, labels and pixels of the images, which must be the same when the run is resumed. */
  images: { train: string; heldOut: string };
}
