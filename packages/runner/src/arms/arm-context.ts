import type { FreezeHandle } from '@fixres/finetune';
import type { LayerGroup, ModelCard } from '@fixres/models';
import type { CheckpointStore, Experiment, TrainingLength } from '@fixres/runs';
import type { CacheFeaturesResult } from '../cached/cache-features.ts';
import type { FeatureShelf } from '../cached/feature-shelf.ts';
import type { ArmTester } from '../evaluation/arm-tester.ts';
import type { Eta } from '../progress/eta.ts';
import type { ArmStatistics } from '../statistics/arm-statistics.ts';
import type { Predict } from './measure-sizes.ts';
import type { RunExperimentOptions } from './run-experiment-options.ts';

/** Shared by the arms of a run. */
export interface ArmContext {
  experiment: Experiment;
  seed: number;
  /** Metadata for the model's folder. */
  card: ModelCard;
  options: RunExperimentOptions;
  store: CheckpointStore | undefined;
  shelf: FeatureShelf;
  eta: Eta;
  /**
   * Chooses the measured sizes of other arms, when this one is trained, and returns the experiment with
   * them. Default: there is nothing to choose.
   */
  measureSizes?: ((predict: Predict) => Promise<Experiment>) | undefined;
}

/** An arm under its freeze policy. */
export interface PreparedArm {
  handle: FreezeHandle;
  groups: LayerGroup[];
  features: CacheFeaturesResult;
  length: TrainingLength;
  statistics: ArmStatistics;
  tester: ArmTester;
  onWarning: (message: string) => void;
}
