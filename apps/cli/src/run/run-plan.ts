import type { DiskCacheOptions, ImageDataset } from '@fixres/data/node';
import type { ImageSizes } from '@fixres/runner/node';
import type { Experiment, FurtherLog, PlannedExperiment } from '@fixres/runner';
import type { DatasetReading } from './dataset-reading.ts';
import type { EngineOptions } from './engine-options.ts';
import type { FeatureChoice } from './feature-choice.ts';
import type { ModelFacts } from './model-facts.ts';

/** What a run reads, in the words of an experiment file. */
export interface DatasetChoice extends DatasetReading {
  /** `synthetic`, `tf_flowers`, or a path. */
  source: string;
  limit?: number | undefined;
  /** Part of the images to hold out, 0..1. */
  heldOut?: number | undefined;
  skipCorrupt?: boolean | undefined;
}

/** A run before it begins. */
export interface RunPlan extends EngineOptions {
  dataset: DatasetChoice;
  deterministic: boolean;
  logs: readonly FurtherLog[];
  /** Where decoded images are kept on disk. */
  diskCache?: DiskCacheOptions | undefined;
  /** How the features of frozen layers are kept. */
  features?: FeatureChoice | undefined;
  /** The command that repeats the run. */
  command: string;
  /** The model that the run starts from. */
  start?: ModelFacts | undefined;
  /** Checks all it can before it asks for the sizes of the images, or for the data set. */
  experiment: (
    imageSizes: ImageSizes,
    openDataset: () => Promise<ImageDataset>,
  ) => Promise<PlannedExperiment>;
}

/** `config.json` of a run: all that is needed to go on with it, or to repeat it. */
export interface RunConfig extends Omit<RunPlan, 'experiment' | 'start'> {
  experiment: Experiment;
  /** Threads of the engine when the run began; a deterministic one keeps to it. */
  threads: number;
  /** SHA-256 of names, labels and pixels of the images, which must be the same when the run goes on. */
  images: { train: string; heldOut: string };
}
