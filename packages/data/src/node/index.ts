export { type ByteSource, readBytes } from './files/byte-source.ts';
export { type ClassList, readClassList, readClassNames } from './dataset/class-list.ts';
export { classNameOf } from './dataset/class-names.ts';
export {
  type DatasetFormat,
  datasetParts,
  datasetWarnings,
  type Example,
  type ImageDataset,
  labelsOf,
  labelText,
} from './dataset/dataset.ts';
export { hasImageEnding } from './decode/image-endings.ts';
export { inHashOrder, takeClasses, takeImages, withClassOrder } from './dataset/dataset-subset.ts';
export {
  type Converted,
  convertDataset,
  type ConvertedLayout,
  type ConvertOptions,
} from './convert/convert-dataset.ts';
export { decodeImage, sharpImage } from './decode/decode-image.ts';
export type { DiskCacheOptions } from './cache/disk-cache.ts';
export { drawWithSharp } from './decode/draw-with-sharp.ts';
export {
  duplicateGroups,
  duplicateWarning,
  type DuplicatePair,
  duplicatesAcross,
} from './split/duplicates.ts';
export { type HeldBack, holdBack } from './split/hold-back.ts';
export { type BurstPair, type Leaks, leaksOf, withLookAlikeGroups } from './split/leaks.ts';
export type { Capture } from './decode/exif-capture.ts';
export type { LookAlikes, NearDuplicate } from './dataset/look-alikes.ts';
export { nearDuplicates } from './split/near-duplicates.ts';
export { withNamedGroups } from './split/group-names.ts';
export type { PerceptualHash } from './split/perceptual-hash.ts';
export { imageFormat, type ImageFormat } from './decode/image-format.ts';
export { imageFiles, UNLABELLED } from './dataset/image-files.ts';
export {
  type ImageHeader,
  readImageHeader,
  readImageHeaders,
  type ReadImageHeadersOptions,
} from './decode/image-header.ts';
export { requireJpegTurbo } from './decode/jpeg-turbo.ts';
export { type ImageLimits, defaultImageLimits } from './decode/image-limits.ts';
export {
  type Batch,
  type BatchesOptions,
  ImageLoader,
  loaderThreads,
  type ImageLoaderOptions,
  type InspectOptions,
  type Inspection,
} from './loader/image-loader.ts';
export type { LeftOut } from './dataset/left-out.ts';
export { openDataset, type OpenDatasetOptions } from './readers/open-dataset.ts';
export { isRemoteAddress, withoutSignature } from './remote/remote-address.ts';
export type { RemoteOptions } from './remote/remote-file.ts';
export type { S3Access } from './remote/s3-request.ts';
export { pixelDigest } from './decode/pixel-digest.ts';
export { defaultReaderLimits, type ReaderLimits } from './readers/reader-limits.ts';
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
} from './split/split.ts';
export { syntheticFlowers, type SyntheticFlowersOptions } from './synthetic/generate-flowers.ts';
export {
  type FetchArchiveOptions,
  fetchArchive,
  type RemoteArchive,
  tfFlowersArchive,
  verifyArchive,
} from './readers/archives/tf-flowers.ts';
export type { ImageFailure } from './loader/worker-protocol.ts';
export { inLanes } from './in-lanes.ts';
