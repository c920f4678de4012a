export { application, type Application, applicationConfig } from './applications.ts';
export {
  fetchKerasWeights,
  type FetchKerasWeightsOptions,
  weightsPlace,
} from './fetch-keras-weights.ts';
export { openTflite, type TfliteSession } from './litert-session.ts';
export { type LoadedModel, loadModelFolder } from './load-model-folder.ts';
export {
  readKerasWeightsFile,
  type ReadKerasWeightsFileOptions,
} from './read-keras-weights-file.ts';
export { publishedModels, type PublishedModel } from './published-models.ts';
export { readSafetensorsFile } from './read-safetensors-file.ts';
export { saveModelFolder } from './save-model-folder.ts';
