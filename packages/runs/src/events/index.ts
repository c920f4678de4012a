export { type DatasetChoice, datasetFields } from '../experiment/dataset-choice.ts';
export { type ConfigValue, flattenConfig } from '../experiment/flatten-config.ts';
export { type Fields, fieldsOf, isFields, listOf } from '../fields.ts';
export {
  armFolderName,
  earlierPredictionsFileName,
  parseArmFolderName,
  parsePredictionsFileName,
  predictionsFileName,
  type PredictionsOf,
} from '../file-names.ts';
export {
  activationQuantiles,
  type ActivationRecord,
  type ApparentSizeRecord,
  type ArmRecord,
  type Calibration,
  type CalibrationBin,
  type ClassAccuracy,
  type ComparisonRecord,
  type DatasetRecord,
  type EngineRecord,
  type EpochRecord,
  type EvaluationRecord,
  type FeatureCacheRecord,
  type PairedSeeds,
  parseEvents,
  type PooledAccuracy,
  type PooledMetrics,
  type PooledMultiLabel,
  type PredictionMetrics,
  RUN_FORMAT,
  type RunEvent,
  type RunEventInput,
  settledEvents,
  type SpreadOverSeeds,
  type Summary,
  type ValueSpread,
  type Verdict,
} from './events.ts';
export { secondsOf } from './run-clock.ts';
export { type RunSigns, runState, type RunState, SILENT_AFTER_MS } from './run-state.ts';
export { renameConfigKeys } from '../experiment-file/renamed-keys.ts';
export { writtenExperiment } from '../experiment-file/written-experiment.ts';
