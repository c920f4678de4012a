export {
  type ActivationStatistics,
  activationStatistics,
  type ActivationStatisticsOptions,
  beforePooling,
} from './analysis/activation-statistics.ts';
export {
  imageFeatures,
  type ImageFeatures,
  type ImageFeaturesOptions,
} from './analysis/image-features.ts';
export { type NearestImage, nearestImages } from './analysis/nearest-images.ts';
export { rehearse } from './arms/rehearse.ts';
export { runExperiment } from './arms/run-experiment.ts';
export type { RunExperimentOptions } from './arms/run-experiment-options.ts';
export type { MemoryMeter } from './progress/memory-meter.ts';
export { type OpenedModel, type StartModelOptions } from './arms/start-model.ts';
export { armCompute, type ArmImages, type ImageCompute } from './compute/arm-compute.ts';
export { type CountedCompute, imageCompute } from './compute/image-compute.ts';
export { resolveCosts, type ResolveCostsOptions } from './compute/resolve-costs.ts';
export { FixresRunnerError, type FixresRunnerErrorCode } from './errors.ts';
export type { FastForward, ForwardFactory, ForwardRequest } from './evaluation/forward-factory.ts';
export {
  contractClassifier,
  contractInput,
  type PixelContract,
} from './evaluation/contract-classifier.ts';
export { type Classifier, evaluate, type EvaluateOptions } from './evaluation/evaluate.ts';
export { type ImageAccess, type ImageBatch, type ImageSource } from './images/image-source.ts';
export { type RangeTest, rangeTest, type RangeTestOptions } from './lr-finder/range-test.ts';
export { type RatePoint } from './lr-finder/rate-curve.ts';
export { exportOnnx, type ExportOnnxOptions } from './onnx/export-onnx.ts';
export type { RunCalibration } from './onnx/value-ranges.ts';
export { exportTflite, type ExportTfliteOptions } from './tflite/export-tflite.ts';
export {
  type AdaptiveChoice,
  type AdaptivePair,
  type AdaptivePoint,
  chooseAdaptive,
  type ChooseAdaptiveOptions,
} from './resolution/choose-adaptive.ts';
export type { NonInferiorChoice, NonInferiorityTest } from './resolution/cheapest-not-inferior.ts';
export {
  type CandidateComparison,
  chooseResolution,
  type ChooseResolutionOptions,
  type ResolutionCandidate,
  type ResolutionChoice,
  type ScoredPolicy,
} from './resolution/choose-resolution.ts';
export {
  searchTestResolution,
  type SearchTestResolutionOptions,
} from './resolution/search-test-resolution.ts';
export {
  type ArmEstimate,
  estimateSeconds,
  type SecondsEstimate,
} from './speed/estimate-seconds.ts';
export { measureReading } from './speed/measure-reading.ts';
export {
  type ExperimentSpeed,
  measureSpeed,
  type MeasureSpeedOptions,
  type ReadingSpeed,
} from './speed/measure-speed.ts';
export { type MeasuredKind, type PartSpeed, type Spread } from './speed/part-speed.ts';
export { type Part } from './speed/parts-of.ts';
