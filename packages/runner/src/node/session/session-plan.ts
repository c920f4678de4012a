import type { ImageDataset } from '@fixres/data/node';
import type { PlannedExperiment, PrecisionChoice, RunConfig } from '@fixres/runs';
import type { ImageSizes } from '@fixres/runs/node';
import type { ModelFacts } from '../models/model-facts.ts';

/** A run before it starts. */
export interface SessionPlan extends Omit<
  RunConfig,
  'experiment' | 'threads' | 'images' | 'part' | 'cluster' | 'memory'
> {
  /** Runs only these trials of the experiment; see `trialsOf` of `@fixres/runs`. Default: all. */
  only?: readonly string[] | undefined;
  /**
   * Maximum resident set size of the process in 10^6 bytes, which training, cached features and cached
   * photos share. Default: no maximum.
   */
  memoryMb?: number | undefined;
  /** The model that the run is initialised from. */
  start?: ModelFacts | undefined;
  /**
   * Creates the experiment. It checks as much as possible before it asks for the sizes of the
   * training images or for the data set.
   */
  experiment: (
    imageSizes: ImageSizes,
    openDataset: () => Promise<ImageDataset>,
  ) => Promise<PlannedExperiment<PrecisionChoice>>;
}
