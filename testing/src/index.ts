export { fakeMlflow } from './fake-mlflow.ts';
export { findBrowser } from './find-browser.ts';
export { flowersArchive, flowerSizes } from './flowers.ts';
export { launchBrowser } from './launch-browser.ts';
export { importsOf, reachableFrom } from './reachable-from.ts';
export { onEngine } from './requirements.ts';
export { samplePhotoLevels, samplePhotos } from './sample-photos.ts';
export { shortProcessOptions } from './short-process-options.ts';
export { temporaryFolder } from './temporary-folder.ts';
