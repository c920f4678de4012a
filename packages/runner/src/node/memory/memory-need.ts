import type {
  DatasetChoice,
  FeatureChoice,
  PlannedExperiment,
  PrecisionChoice,
  RunConfig,
} from '@fixres/runs';

/** What a process measures the need of. Plain data. */
export interface MeasureNeedRequest extends Pick<RunConfig, 'engine' | 'device' | 'deterministic'> {
  experiment: PlannedExperiment<PrecisionChoice>;
  dataset: DatasetChoice;
  features: FeatureChoice | undefined;
  /** Classes of the data set in the order of the run. */
  classNames: readonly string[];
}

/** What an experiment needs of memory. Plain data; 10^6 bytes. */
export interface MemoryNeed {
  /** Highest resident set size of a process that runs it, without cached photos and features. */
  peakMb: number;
  arms: ArmNeed[];
}

/** What one arm needs. */
export interface ArmNeed {
  name: string;
  /** Highest resident set size while it trains and is evaluated. */
  peakMb: number;
  /** Bytes of the cached features of a training image and of a held-out image; 0 if none are cached. */
  featureBytes: { train: number; heldOut: number };
}

/** The answer of the process: the need, or an error. */
export type NeedAnswer =
  | { need: MemoryNeed }
  | { error: { name: string; code: string | undefined; message: string } };
