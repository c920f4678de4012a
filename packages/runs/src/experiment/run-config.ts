import type { JpegDecoding } from '@fixres/data/names';
import type { DeviceChoice, EngineChoice } from '@fixres/engine/names';
import type { Experiment, Precision } from './experiment.ts';
import type { FurtherLog } from './names.ts';

/** How a data set is read, with the names of an experiment file. */
export interface DatasetReading {
  /** Local copy of the archive of `tf_flowers`. */
  archive?: string | undefined;
  /** Name of the field that contains the labels. */
  labelKey?: string | undefined;
  classNames?: readonly string[] | undefined;
  /** Other labels of the classes, in the order of `classNames`: WordNet ids, for example. */
  classIds?: readonly string[] | undefined;
  /** Whether each image has any number of labels. */
  multiLabel?: boolean | undefined;
  /** With `multiLabel`: what separates labels in text. */
  labelSeparator?: string | undefined;
  /** Whether class folders may contain class folders. */
  nestedClasses?: boolean | undefined;
  /** Whether a list may name images outside its folder. */
  allowOutside?: boolean | undefined;
  /** Largest image that is accepted, in 10^6 pixels. */
  maxMegapixels?: number | undefined;
  /** How JPEG files are decoded. Default: as the initial model's contract states, else `accurate`. */
  decode?: JpegDecoding | undefined;
}

/** The images of a run, with the names of an experiment file. */
export interface DatasetChoice extends DatasetReading {
  /** `synthetic`, `tf_flowers`, or a path. */
  source: string;
  /** Maximum number of images. */
  limit?: number | undefined;
  /** Fraction of the images to hold out, 0..1. */
  heldOut?: number | undefined;
  /**
   * Fraction of the training images that is held back to choose a threshold for each class of multi-label
   * data, between 0 and 1. Default: all train, and thresholds are 0.5.
   */
  tuneThresholds?: number | undefined;
  /**
   * Fraction of the training images that is held back to choose sizes that are `measured`, between 0
   * and 1. Default: all train.
   */
  holdBack?: number | undefined;
  /** Whether files that cannot be decoded are left out; otherwise they end the run. */
  skipCorrupt?: boolean | undefined;
  /**
   * Images that the split keeps together: `look-alikes`, a pattern of names with `{group}`, or a column
   * or key of a list of images. Default: each image is on its own.
   */
  splitByGroup?: string | undefined;
  /** Whether training images that look like a held-out one, or share its burst, are left out. */
  dropLeaks?: boolean | undefined;
}

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
