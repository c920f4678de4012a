import { basename } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex, UNLABELLED_IMAGES } from '../../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  usualSplitName,
} from '../../dataset/dataset.ts';
import { labelValue } from '../../dataset/label-value.ts';
import { LeftOutTally } from '../../dataset/left-out.ts';
import { addressName, isRemoteAddress } from '../../remote/remote-address.ts';
import { useFileNames } from '../../dataset/use-file-names.ts';
import {
  type ByteSource,
  fileSource,
  type Place,
  placeName,
  readBytes,
} from '../../files/byte-source.ts';
import {
  type IndexedFeature,
  type IndexedRecord,
  indexedRecords,
} from '../index/indexed-records.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from '../reader-limits.ts';
import { readTfdsInfo, type TfdsInfo } from './tfds-info.ts';

/** `<name>-<split>.tfrecord-<shard>-of-<shards>`, as in TensorFlow Datasets; split and shard can be missing. */
const FILE_NAME = /^(?:(?<name>.*?)-)?(?<split>[^-]+)\.tfrecords?(?:-(?<shard>\d{5,})-of-\d{5,})?$/;

/**
 * Names of features without metadata: the usual ones of TensorFlow Datasets, then those of TensorFlow's
 * model garden.
 */
const IMAGE_KEYS = ['image', 'image/encoded', 'image_bytes'];
const LABEL_KEYS = ['label', 'image/class/label'];
const FILE_KEYS = ['file_name', 'image/filename', 'filename'];

export function isTfRecordFile(path: string): boolean {
  return /\.tfrecords?(-\d{5,}-of-\d{5,})?$/.test(path);
}

export interface TfRecordOptions {
  /** Class names. Default: those that TensorFlow Datasets wrote beside the files. */
  classNames?: readonly string[] | undefined;
  classIds?: readonly string[] | undefined;
  /** Name of the class feature, if there are several. */
  labelKey?: string | undefined;
  limits: ReaderLimits;
  /** Folder of the cache for indexes. */
  cacheFolder: string;
  signal?: AbortSignal | undefined;
}

/** TFRecord files of one folder. */
export interface TfRecordFiles {
  files: readonly Place[];
  /** Where the files are, in errors. */
  origin: string;
  /** Folder with the metadata of TensorFlow Datasets. */
  infoFolder: string;
}

type Labelled = Found & { label: number | string };

interface Shard {
  place: Place;
  /** Its path or address. */
  file: string;
  split: string | undefined;
  shard: number;
}

interface Found {
  source: ByteSource;
  /** Undefined if the image has none. */
  label: number | string | undefined;
  fileName: string | undefined;
  shard: Shard;
  record: number;
}

/**
 * Indexes TFRecord files of `tf.train.Example` messages, each with an encoded image (bytes) and a label (a whole number, or bytes
 * with the class's name). When a file is first read, the checksum of every record is verified; images stay in
 * the file. Images without a label (-1) are left out.
 *
 * An example's id is `<class>/<file name>` if the records name the images' files and no two are the same, otherwise
 * `<TFRecord file>#<record>`.
 *
 * @throws FixresDataError `damaged-archive`, `bad-layout`, `one-class`, `limit-exceeded`, `bad-option` if several
 * features could be the label; the signal's reason when aborted
 */
export async function datasetFromTfRecords(
  { files, origin: folder, infoFolder }: TfRecordFiles,
  name: string | undefined,
  options: TfRecordOptions,
): Promise<ImageDataset> {
  const { limits, cacheFolder, signal } = options;
  const info = await readTfdsInfo(infoFolder, options.labelKey);
  if (info.labelKey === undefined && info.labelKeys.length > 1)
    throw severalLabels(folder, info.labelKeys);
  const leftOut = new LeftOutTally();
  const shards = files
    .map(parseFileName)
    .sort((a, b) => (a.split === b.split ? a.shard - b.shard : a.file < b.file ? -1 : 1));

  const found: Found[] = [];
  for (const shard of shards) {
    const earlier = found.length;
    const records = await indexedRecords(shard.place, {
      onRecords: (count) => requireFewEntries(earlier + count, limits, folder),
      cacheFolder,
      signal,
    });
    for (const [record, indexed] of records.entries())
      found.push({ ...(await readExample(indexed, shard.place, record, info)), shard, record });
    const stated = info.shardLengths.get(shard.split ?? '')?.[shard.shard];
    if (stated !== undefined && stated !== records.length) {
      throw new FixresDataError(
        'damaged-archive',
        `${shard.file} contains ${records.length} records; dataset_info.json states ${stated}.`,
      );
    }
  }
  if (found.length === 0)
    throw new FixresDataError('bad-layout', `The TFRecord files of ${folder} contain no records.`);

  const labelled = found.filter((image): image is Labelled => {
    const { label, shard, record } = image;
    if (label !== undefined) return true;
    leftOut.add(
      `${UNLABELLED_IMAGES}${shard.split === undefined ? '' : ` in the part ${shard.split}`}`,
      recordId(shard, record),
    );
    return false;
  });
  if (labelled.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `The TFRecord files of ${folder} contain no images with a label.${leftOut.toString()}`,
    );
  const names = options.classNames ?? info.classNames;
  const { classNames, labelOf, warnings } = classIndex(
    new Set(labelled.map(({ label }) => label)),
    folder,
    { names, ids: options.classIds, leftOut },
  );
  const examples = labelled.map(({ source, label, shard, record }): Example => {
    const id = recordId(shard, record);
    const example = { id, label: labelOf(label, id), source };
    return shard.split === undefined
      ? example
      : { ...example, split: usualSplitName(shard.split) ?? shard.split };
  });
  const fileNames = labelled.map(({ fileName, shard }) => {
    if (fileName) requireShortPath(fileName, limits, shard.file);
    return fileName;
  });
  useFileNames(examples, fileNames, classNames);
  requireUniqueIds(examples, folder);
  return {
    name: name ?? info.name ?? basename(folder),
    format: 'tfrecord',
    classNames,
    examples,
    leftOut: leftOut.all,
    warnings: [...severalImages(info), ...warnings],
  };
}

function recordId({ file }: Shard, record: number): string {
  return `${shardFileName(file)}#${record}`;
}

function shardFileName(file: string): string {
  return isRemoteAddress(file) ? addressName(file) : basename(file);
}

function parseFileName(place: Place): Shard {
  const file = placeName(place);
  const { split, name, shard } = FILE_NAME.exec(shardFileName(file))?.groups ?? {};
  // Without the name of a data set before it, only a usual word is a split: not "photos" in
  // "photos.tfrecord".
  const isSplit =
    split !== undefined && (name !== undefined || usualSplitName(split) !== undefined);
  return {
    place,
    file,
    split: isSplit ? split : undefined,
    shard: Number(shard ?? 0),
  };
}

async function readExample(
  { start, features }: IndexedRecord,
  place: Place,
  record: number,
  info: TfdsInfo,
): Promise<Omit<Found, 'shard' | 'record'>> {
  const file = placeName(place);
  const fail = (why: string): never => {
    throw new FixresDataError('bad-layout', `Record ${record} of ${file} ${why}.`);
  };
  const find = (keys: readonly string[]): IndexedFeature | undefined =>
    features.get(keys.find((key) => features.has(key)) ?? '');
  const textOf = async (feature: IndexedFeature & { type: 'bytes' }): Promise<string> =>
    feature.text ??
    (await readBytes(fileSource(place, feature.length, start + feature.start))).toString('utf8');

  const imageKeys = info.imageKey === undefined ? IMAGE_KEYS : [info.imageKey];
  const image = find(imageKeys);
  if (image?.type !== 'bytes' || image.count !== 1)
    return fail(`has no feature ${imageKeys.join(' or ')} with the bytes of one image`);
  if (info.labelKey === undefined) {
    // Files of the model garden also have the classes of boxes.
    const several = [...features]
      .filter(
        ([key, { type }]) =>
          type === 'int64' && /label/i.test(key) && !key.startsWith('image/object/'),
      )
      .map(([key]) => key);
    if (several.length > 1) throw severalLabels(file, several);
  }
  const labelKeys = info.labelKey === undefined ? LABEL_KEYS : [info.labelKey];
  const label = find(labelKeys);
  if (label?.count !== 1) {
    const others = [...features]
      .filter(([, { type }]) => type === 'int64')
      .map(([key]) => key)
      .sort();
    const there =
      others.length === 0
        ? ''
        : `; select one of the whole numbers ${others.slice(0, 20).join(', ')} (option "labelKey")`;
    return fail(`has no feature ${labelKeys.join(' or ')} with one class${there}`);
  }
  const fileName = find(FILE_KEYS);
  const value = label.type === 'bytes' ? await textOf(label) : label.value;
  return {
    source: fileSource(place, image.length, start + image.start),
    label: labelValue(value, `Record ${record} of ${file}`),
    fileName:
      fileName?.type === 'bytes' && fileName.count === 1
        ? basename(await textOf(fileName))
        : undefined,
  };
}

function severalImages({ imageKey, otherImageKeys: others }: TfdsInfo): string[] {
  return others.length === 0
    ? []
    : [
        `The feature "${imageKey}" is used for the images; ${others.join(', ')} also ` +
          `${others.length === 1 ? 'contains' : 'contain'} images.`,
      ];
}

function severalLabels(origin: string, keys: readonly string[]): FixresDataError {
  const named = [...keys].sort().join(', ');
  return new FixresDataError(
    'bad-option',
    `${origin} has several features that could be the class: ${named}; select the one with ` +
      'the class (option "labelKey").',
  );
}
