import type { ImageDataset } from '@fixres/data/node';
import type { PlannedExperiment, RunConfig } from '@fixres/runs';
import type { ImageSizes } from '@fixres/runs/node';
import type { ModelFacts } from './model-facts.ts';

/** A run before it begins. */
export interface RunPlan extends Omit<RunConfig, 'experiment' | 'threads' | 'images'> {
  /** The model that the run starts from. */
  start?: ModelFacts | undefined;
  /** Checks all it can before it asks for the sizes of the images, or for the data set. */
  experiment: (
    imageSizes: ImageSizes,
    openDataset: () => Promise<ImageDataset>,
  ) => Promise<PlannedExperiment>;
}
