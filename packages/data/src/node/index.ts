export { type ByteSource, readBytes } from './byte-source.ts';
export { maskedCrc32c } from './crc32c.ts';
export { classNameOf, readClassNames } from './class-names.ts';
export {
  type DatasetFormat,
  datasetParts,
  datasetWarnings,
  type Example,
  type ImageDataset,
} from './dataset.ts';
export { hasImageEnding } from './image-endings.ts';
export { takeClasses, takeImages, withClassOrder } from './dataset-subset.ts';
export { decodeImage, sharpImage } from './decode-image.ts';
export type { DiskCacheOptions } from './disk-cache.ts';
export { drawWithSharp } from './draw-with-sharp.ts';
export {
  duplicateGroups,
  duplicateWarning,
  type DuplicatePair,
  duplicatesAcross,
} from './duplicates.ts';
export type { ImageFormat } from './image-format.ts';
export { imageFiles, UNLABELLED } from './image-files.ts';
export {
  type ImageHeader,
  readImageHeader,
  readImageHeaders,
  type ReadImageHeadersOptions,
} from './image-header.ts';
export { type ImageLimits, defaultImageLimits } from './image-limits.ts';
export {
  type Batch,
  type BatchesOptions,
  ImageLoader,
  type ImageLoaderOptions,
  type InspectOptions,
  type Inspection,
} from './image-loader.ts';
export type { LeftOut } from './left-out.ts';
export { openDataset, type OpenDatasetOptions } from './open-dataset.ts';
export { pixelDigest } from './pixel-digest.ts';
export { defaultReaderLimits, type ReaderLimits } from './reader-limits.ts';
export {
  classesWithout,
  type GivenSplitOptions,
  heldOutPart,
  kFolds,
  type KFoldsOptions,
  type Split,
  splitAsGiven,
  splitByHash,
  type SplitOptions,
  splitStratified,
  type StratifiedSplitOptions,
} from './split.ts';
export { syntheticFlowers, type SyntheticFlowersOptions } from './synthetic/generate-flowers.ts';
export {
  type FetchArchiveOptions,
  fetchArchive,
  type RemoteArchive,
  tfFlowersArchive,
  verifyArchive,
} from './tf-flowers.ts';
export type { ImageFailure } from './worker-protocol.ts';
