export { type ByteSource, readBytes } from './byte-source.ts';
export type { Example, ImageDataset } from './class-folders.ts';
export { decodeImage } from './decode-image.ts';
export { type Batch, type BatchesOptions, ImageLoader, type ImageLoaderOptions } from './image-loader.ts';
export { openDataset, type OpenDatasetOptions } from './open-dataset.ts';
export { type Split, splitByHash, type SplitOptions } from './split.ts';
export { syntheticFlowers, type SyntheticFlowersOptions } from './synthetic/generate-flowers.ts';
export { type FetchArchiveOptions, fetchArchive, type RemoteArchive, tfFlowersArchive, verifyArchive } from './tf-flowers.ts';
export type { ImageFailure } from './worker-protocol.ts';
