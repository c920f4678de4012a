export { followSession, type FollowSessionOptions } from './cluster/follow-session.ts';
export { type ClusterChoice, joinTraining } from './cluster/join-training.ts';
export type { JoinedTraining, JoinedTrainingOptions } from './cluster/joined-training.ts';
export {
  type CompiledForward,
  compileForward,
  type CompileForwardOptions,
} from './compiled/compile-forward.ts';
export { compileTrainer, type CompileTrainerOptions } from './compiled/compile-trainer.ts';
export { compileTrunk } from './compiled/compile-trunk.ts';
export { createCompiledForward, createCompiledTrainer } from './compiled/compiled-factories.ts';
export { exportSavedModel, type ExportSavedModelOptions } from './compiled/export-saved-model.ts';
export { inOrderOfTraining } from './images/class-order.ts';
export { type DatasetWords, experimentWords } from './images/dataset-words.ts';
export { findLookAlikes } from './images/find-look-alikes.ts';
export { groupedDataset, groupKeyOf } from './images/grouped-dataset.ts';
export { evenlySpaced } from './images/evenly-spaced.ts';
export { imageLimitsOf, imageLoading } from './images/image-loading.ts';
export { trainedAmong, type TrainedAmongOptions } from './images/trained-among.ts';
export { loaderSource } from './images/loader-source.ts';
export { findRecordedDataset, openRecordedDataset } from './images/open-recorded-dataset.ts';
export { readableExamples } from './images/readable-examples.ts';
export { resolveDataset } from './images/resolve-dataset.ts';
export { runSplit, trainedOn } from './images/run-split.ts';
export { isBuiltIn, isPath, sourceOf } from './images/source-of.ts';
export { splitFor } from './images/split-for.ts';
export { memoryNote, planMemory } from './memory/plan-memory.ts';
export { processMemory } from './memory/process-memory.ts';
export { type ModelFacts, modelFacts } from './models/model-facts.ts';
export { type FoundModel, openModel } from './models/open-model.ts';
export { classifierFit, readAsIn, withRunSplit } from './models/start-model.ts';
export { storedTunedParts, type StoredTunedPartsOptions } from './models/stored-tuned-parts.ts';
export { modelFolderOf, runOfModel, type TrainedRun } from './models/trained-run.ts';
export { gatherRun } from './report/gather-run.ts';
export { type SimilarImages } from './report/leak-pictures.ts';
export { openRunImages } from './report/open-run-images.ts';
export { type RunImages } from './report/run-images.ts';
export { lrSession, type LrSessionOptions } from './session/lr-session.ts';
export {
  measureSession,
  type MeasureSessionOptions,
  type SessionSpeed,
} from './session/measure-session.ts';
export { plannedExperiment, type PlannedSession } from './session/planned-experiment.ts';
export { type ResolvedPrecision, resolvePrecision } from './session/resolve-precision.ts';
export { resumeSession, type ResumeSessionOptions } from './session/resume-session.ts';
export { runSession } from './session/run-session.ts';
export { type RunSessionOptions } from './session/run-session-options.ts';
export { type PreparationListeners, type SessionListeners } from './session/session-listeners.ts';
export { type SessionPlan } from './session/session-plan.ts';
