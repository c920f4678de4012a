export { type LoadedModel, loadModelFolder } from './load-model-folder.ts';
export { saveModelFolder } from './save-model-folder.ts';
export { writeAside } from './write-aside.ts';
