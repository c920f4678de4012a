// What reads models, runs and photos; does not load TensorFlow.js.
export { FixresRunnerError, type FixresRunnerErrorCode } from '../errors.ts';
export { imageLimitsOf } from './images/image-loading.ts';
export { loaderSource } from './images/loader-source.ts';
export {
  modelFolderOf,
  type ModelOfRunOptions,
  runOfModel,
  type TrainedRun,
} from './models/trained-run.ts';
export { type PreparationListeners } from './session/session-listeners.ts';
