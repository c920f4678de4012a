export { loadModelFolder, type LoadedModel } from './load-model-folder.ts';
export { saveModelFolder } from './save-model-folder.ts';
