import { rm, stat } from 'node:fs/promises';
import { basename, dirname, posix, relative, resolve, sep } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import type { DatasetFormat, ImageDataset } from '../dataset/dataset.ts';
import { LeftOutTally } from '../dataset/left-out.ts';
import { CLASS_NAMES_FILE, classNamesIn } from '../dataset/class-names-file.ts';
import { addressName, isRemoteAddress, withoutSignature } from '../remote/remote-address.ts';
import { remoteAccess, type RemoteOptions } from '../remote/remote-file.ts';
import type { Entry } from './archives/archive-entry.ts';
import { inflatedTar } from './archives/inflated-tar.ts';
import { requireAllShards } from './all-shards.ts';
import { tarEntries } from './archives/tar-entries.ts';
import { indexedTar } from './index/indexed-tar.ts';
import { fetchFilesBeside, fetchTfdsInfo } from './remote-beside.ts';
import { findRemoteShards } from './remote-shards.ts';
import { zipEntries } from './archives/zip-entries.ts';
import {
  datasetFromClassFolders,
  hasClassFolders,
  type ImageTree,
  imageTree,
} from './class-folders/class-folders.ts';
import { folderEntries } from './class-folders/folder-entries.ts';
import type { MultiLabelReading } from './manifest/list-row.ts';
import { isListFile } from './manifest/list-rows.ts';
import { datasetFromManifest, manifestName } from './manifest/manifest.ts';
import { datasetFromMetadata, metadataFiles } from './manifest/metadata-files.ts';
import { type ReaderLimits, readerLimits } from './reader-limits.ts';
import { patternName, withoutShardEnding } from './shard-name.ts';
import { expandShardPattern, isShardPattern } from './shard-pattern.ts';
import { datasetFromTfRecords, isTfRecordFile } from './tfrecord/tfrecord-dataset.ts';
import { datasetFromWebdataset, sampleLabels, type WebdatasetShard } from './webdataset.ts';

export interface OpenDatasetOptions {
  /**
   * Folder for the inflated copy of a `.tgz` archive, the images of Parquet files, the indexes of large
   * shards, and what was read from addresses.
   */
  cacheFolder: string;
  /** How shards at addresses are read. */
  remote?: RemoteOptions | undefined;
  /** Name of the data set. Default: its own name, or that of the file or folder. */
  name?: string;
  /**
   * Names of the classes in order. A numeric label is an index into them; a text label is one of
   * them.
   */
  classNames?: readonly string[] | undefined;
  /** Other labels of the classes, in the order of `classNames`: WordNet ids of folders, for example. */
  classIds?: readonly string[] | undefined;
  /**
   * Where to find the class if that is ambiguous: a feature of TFRecord files, a column or key of a
   * list, or a key of webdataset's `.json`.
   */
  labelKey?: string | undefined;
  /**
   * Column or key of a list with the group of each image: a patient or an animal, for example. A split
   * by hash does not divide groups. Default: no groups.
   */
  groupKey?: string | undefined;
  /**
   * Whether each image has any number of labels: a list, or text between separators. Only for lists of
   * images, Parquet files, webdataset shards, and folders with `metadata`, `_classes.csv` or COCO
   * annotations. Default false.
   */
  multiLabel?: boolean | undefined;
  /** With `multiLabel`: what separates labels in text. Default: `|` or `;`. */
  labelSeparator?: string | undefined;
  /**
   * Whether class folders may contain class folders, so that classes have names like `fruit/apple`.
   * Default false.
   */
  nestedClasses?: boolean | undefined;
  /** Whether a list may refer to images outside its folder. Default false. */
  allowOutside?: boolean | undefined;
  limits?: Partial<ReaderLimits>;
  /** Called with the number of images found so far while Parquet files are read for the first time. */
  onProgress?: ((images: number) => void) | undefined;
  signal?: AbortSignal;
}

interface Opening extends Omit<OpenDatasetOptions, 'limits' | 'multiLabel' | 'labelSeparator'> {
  limits: ReaderLimits;
  several: MultiLabelReading | undefined;
}

const formatNames: Readonly<Record<DatasetFormat, string>> = {
  'class-folders': 'class folders',
  metadata: 'images with metadata',
  tfrecord: 'TFRecord files',
  webdataset: 'webdataset shards',
  parquet: 'Parquet files',
  manifest: 'a list',
};

const ALLOWED =
  'a folder of class folders, a .tar, .tar.gz, .tgz or .zip archive of one, TFRecord files, webdataset shards, Parquet files or a list of images';

/**
 * Opens a data set. The path and the files found there determine the format:
 *
 * - a folder with `<class>/<image>` or `train|val|test/<class>/<image>`, or a `.tar`, `.tar.gz`,
 *   `.tgz` or `.zip` archive of one
 * - such a folder or archive of images without class folders, with `metadata.csv`, `.jsonl` or
 *   `.parquet`, `_classes.csv` or `_annotations.coco.json`
 * - a folder with TFRecord files as TensorFlow Datasets writes them (`tf_flowers/3.0.1`, or
 *   `tf_flowers`), or one such file
 * - a folder with webdataset shards, one such `.tar`, or a pattern: `flowers-{000..127}.tar`,
 *   `flowers-train-*.tar`
 * - a folder with Parquet files of encoded images as the Hugging Face Hub stores them, one such file,
 *   or a pattern: `data/train-*.parquet`
 * - a list: `.csv` or `.tsv` with the header `path,label[,split]`, `.jsonl`, a text file of paths and
 *   labels, a `.json` of COCO annotations, labels of Open Images; or a pattern: `{train,val}.txt`
 * - webdataset shards (`.tar`) or TFRecord files at addresses: `https://example.org/train-{000..099}.tar`,
 *   `s3://bucket/prefix/`, `s3://bucket/train-*.tar`. Images are read from there when they are needed, and
 *   kept in the cache, which has a limit.
 *
 * docs/datasets.md describes every layout. `datasetWarnings` returns what was left out and what
 * looks wrong.
 *
 * Reads names, positions and labels, but decodes no image. Archives are read in place; only a gzip
 * archive is inflated, once, into the cache, and compressed images of Parquet files are copied there. What
 * shards contain is kept in an index, beside them or in the cache, so that they are opened in seconds the
 * next time.
 *
 * @throws FixresDataError `not-found`, `unsupported-format`, `bad-option`, and those of the
 * readers: `bad-layout`, `empty-class`, `one-class`, `unsafe-entry`, `damaged-archive`,
 * `limit-exceeded`; of addresses also `download-failed`, `bad-checksum`; the signal's reason when aborted
 */
export async function openDataset(
  path: string,
  options: OpenDatasetOptions,
): Promise<ImageDataset> {
  const opening = {
    ...options,
    limits: readerLimits(options.limits),
    several: multiLabelReading(options),
  };
  const dataset = await openPath(path, opening);
  if (opening.several !== undefined && !dataset.multiLabel)
    throw new FixresDataError(
      'bad-option',
      `${path} is read as ${formatNames[dataset.format]}, in which an image has one class, not several (option "multiLabel"); give a list of images, Parquet files, webdataset shards, or a folder with metadata or COCO annotations.`,
    );
  const { groupKey } = options;
  if (groupKey === undefined || dataset.examples.some(({ group }) => group !== undefined))
    return dataset;
  const message = `Data set "${dataset.name}" has no group "${groupKey}" next to its images; groups are a column or a key of a list of images.`;
  throw new FixresDataError('bad-option', message);
}

/** @throws FixresDataError `bad-option` */
function multiLabelReading({
  multiLabel = false,
  labelSeparator,
}: OpenDatasetOptions): MultiLabelReading | undefined {
  if (labelSeparator !== undefined && !multiLabel)
    throw new FixresDataError(
      'bad-option',
      `The label separator is ${JSON.stringify(labelSeparator)} (option "labelSeparator"), but images have one label each; it requires several (option "multiLabel").`,
    );
  if (labelSeparator === '')
    throw new FixresDataError(
      'bad-option',
      'The label separator is empty (option "labelSeparator"); it must be the text between two labels.',
    );
  return multiLabel ? { separator: labelSeparator } : undefined;
}

async function openPath(path: string, opening: Opening): Promise<ImageDataset> {
  if (isRemoteAddress(path)) return openRemote(path, opening);
  const info = await stat(path).catch((cause: unknown) => cause as Error);
  if (info instanceof Error) {
    if (isShardPattern(path))
      return openShards(
        await expandShardPattern(resolve(path)),
        patternName(resolve(path).split(sep)),
        path,
        opening,
      );
    throw new FixresDataError('not-found', `Data set "${path}" does not exist. Give ${ALLOWED}.`, {
      cause: info,
    });
  }
  if (info.isDirectory()) return openFolder(resolve(path), path, opening);
  return openFile(resolve(path), path, opening);
}

async function openFolder(folder: string, origin: string, options: Opening): Promise<ImageDataset> {
  const leftOut = new LeftOutTally();
  const entries = await folderEntries(folder, options.limits, leftOut);
  const tree = await imageTree(entries, leftOut, options.nestedClasses);
  const files = tree.files.map(({ path }) => path);
  const records = files.filter(isTfRecordFile);
  if (records.length > 0) {
    const folders = [...new Set(records.map((file) => posix.dirname(file)))];
    if (folders.length > 1) {
      throw new FixresDataError(
        'bad-layout',
        `${origin} contains TFRecord files in ${folders.join(' and ')}; give one of these ` +
          'folders.',
      );
    }
    requireAllShards(records);
    return openTfRecords(
      records.map((file) => resolve(folder, file)),
      undefined,
      options,
    );
  }
  if (tree.images.length === 0) {
    const shards = files.filter(isTar);
    const parquet = files.filter(isParquet);
    if (parquet.length > 0) {
      requireAllShards(parquet);
      return openParquet(
        parquet.map((file) => resolve(folder, file)),
        { root: folder, name: options.name ?? basename(folder), origin },
        options,
      );
    }
    if (shards.length > 0)
      return openShards(
        shards.map((file) => resolve(folder, file)),
        basename(folder),
        origin,
        options,
        folder,
      );
    const foreign = files.find(foreignFormat);
    if (foreign !== undefined) throw unreadFormat(`${origin} contains ${foreign}`, foreign);
  }
  return openTree(tree, options.name ?? basename(folder), origin, options);
}

/** Opens class folders, or images whose classes are defined by a file beside them. */
async function openTree(
  tree: ImageTree,
  name: string,
  origin: string,
  options: Opening,
): Promise<ImageDataset> {
  const { labelKey } = options;
  if (metadataFiles(tree).length > 0 && (labelKey !== undefined || !hasClassFolders(tree)))
    return datasetFromMetadata(tree, name, origin, options);
  const dataset = datasetFromClassFolders(tree, name, origin, options);
  if (labelKey === undefined) return dataset;
  throw new FixresDataError(
    'bad-option',
    `${origin} is read as class folders; there is no label "${labelKey}" next to the images ` +
      '(option "labelKey").',
  );
}

async function openFile(file: string, origin: string, options: Opening): Promise<ImageDataset> {
  if (isTfRecordFile(file))
    return openTfRecords([file], basename(file).replace(/\.tfrecords?.*$/, ''), options);
  if (isParquet(file)) {
    const name = options.name ?? basename(file).replace(/\.parquet$/i, '');
    return openParquet([file], { root: dirname(file), name, origin }, options);
  }
  if (isListFile(file))
    return datasetFromManifest([file], options.name ?? manifestName(file), options);
  const name = options.name ?? stem(file);
  if (isTar(file)) {
    const entries = await entriesOfTar(file, options);
    return openTar(
      { name: stem(file), entries, besideFolder: dirname(file) },
      name,
      origin,
      options,
    );
  }
  if (/\.zip$/i.test(file))
    return openTree(
      await imageTree(
        await zipEntries(file, options.limits),
        new LeftOutTally(),
        options.nestedClasses,
      ),
      name,
      origin,
      options,
    );
  if (foreignFormat(file) !== undefined)
    throw unreadFormat(`Data set "${origin}" is a file that cannot be read`, file);
  throw new FixresDataError(
    'unsupported-format',
    `Data set "${origin}" is a file that cannot be read. Give ${ALLOWED}.`,
  );
}

/** @param besideFolder folder that may contain the class names */
async function openTar(
  tar: { name: string; entries: Entry[]; besideFolder: string },
  name: string,
  origin: string,
  options: Opening,
): Promise<ImageDataset> {
  const { entries } = tar;
  const tree = await imageTree(entries, new LeftOutTally(), options.nestedClasses);
  const labels = sampleLabels(entries);
  // Class folders are the same data set in a folder and in an archive, even with JSON files beside
  // the images.
  const areFolders =
    labels !== 'cls' &&
    options.labelKey === undefined &&
    ((hasClassFolders(tree) && options.several === undefined) || metadataFiles(tree).length > 0);
  const areSamples =
    labels !== undefined ||
    (tree.files.length > 0 && tree.files.every(({ path }) => !path.includes('/')));
  if (areFolders || !areSamples) return openTree(tree, name, origin, options);
  const numberedNames = await classNamesIn(tar.besideFolder);
  const shards = [{ name: tar.name, entries: () => Promise.resolve(entries) }];
  return datasetFromWebdataset(shards, name, origin, { ...options, numberedNames });
}

/** Opens shards at an address. */
async function openRemote(address: string, options: Opening): Promise<ImageDataset> {
  const { cacheFolder, limits, signal } = options;
  const access = remoteAccess(options.remote ?? {}, cacheFolder);
  const origin = withoutSignature(address);
  const found = await findRemoteShards(address, access, { limits, signal });
  const { files, shardName, folder } = found;
  const name = options.name ?? found.name;
  if (files.every((file) => isTfRecordFile(addressName(file.address)))) {
    const infoFolder = await fetchTfdsInfo(folder, access, signal);
    return datasetFromTfRecords({ files, origin, infoFolder }, options.name, options);
  }
  const other = files.find((file) => !/\.tar$/i.test(addressName(file.address)));
  if (other)
    throw new FixresDataError(
      'unsupported-format',
      `Data set "${origin}" contains ${other.shown}; only .tar and TFRecord files can be read from an address, so download it.`,
    );
  const besideFolder = await fetchFilesBeside(folder, [CLASS_NAMES_FILE], access, signal);
  if (found.only) {
    const entries = await indexedTar(found.only, options);
    return openTar({ name: shardName(found.only), entries, besideFolder }, name, origin, options);
  }
  const shards = files.map((file) => ({
    name: shardName(file),
    entries: async () => indexedTar(file, options),
  }));
  const numberedNames = await classNamesIn(besideFolder);
  return datasetFromWebdataset(shards, name, origin, { ...options, numberedNames });
}

function unreadFormat(what: string, file: string): FixresDataError {
  return new FixresDataError(
    'unsupported-format',
    `${what}: ${foreignFormat(file)!} are not supported. Export the images, and give ` +
      `${ALLOWED}.`,
  );
}

/** @param root folder that the shards' names are relative to; by default each shard's own folder */
async function openShards(
  files: string[],
  name: string,
  origin: string,
  options: Opening,
  root?: string,
): Promise<ImageDataset> {
  for (const file of files) {
    await stat(file).catch((cause: unknown) => {
      throw new FixresDataError(
        'not-found',
        `Shard "${file}" of data set "${origin}" does not exist.`,
        { cause },
      );
    });
  }
  if (files.every(isTfRecordFile)) return openTfRecords(files, name, options);
  if (files.every(isParquet))
    return openParquet(
      files,
      { root: dirname(files[0]!), name: options.name ?? name, origin },
      options,
    );
  if (files.every(isListFile)) return datasetFromManifest(files, options.name ?? name, options);
  const shards: WebdatasetShard[] = [];
  for (const file of files) {
    if (!isTar(file)) {
      throw new FixresDataError(
        'unsupported-format',
        `Data set "${origin}" contains ${file}; shards are .tar, .tar.gz, .tgz or TFRecord ` +
          'files.',
      );
    }
    shards.push({ name: stem(file, root), entries: async () => entriesOfTar(file, options) });
  }
  const numberedNames = await classNamesIn(root ?? dirname(files[0]!));
  return datasetFromWebdataset(shards, options.name ?? name, origin, {
    ...options,
    numberedNames,
  });
}

async function openParquet(
  files: string[],
  place: { root: string; name: string; origin: string },
  options: Opening,
): Promise<ImageDataset> {
  // Loaded when it is used: other data sets do not need the reader.
  const { datasetFromParquet } = await import('./parquet/parquet-dataset.ts');
  return datasetFromParquet(files, place, options);
}

async function openTfRecords(
  files: string[],
  name: string | undefined,
  options: Opening,
): Promise<ImageDataset> {
  const folder = dirname(files[0]!);
  const place = { files, origin: folder, infoFolder: folder };
  return datasetFromTfRecords(place, options.name ?? name, options);
}

async function entriesOfTar(file: string, options: Opening): Promise<Entry[]> {
  const { cacheFolder, limits, signal } = options;
  if (!/gz$/i.test(file)) return indexedTar(file, options);
  const inflated = await inflatedTar(file, cacheFolder, signal);
  try {
    return await tarEntries(inflated, limits, { name: file, signal });
  } catch (error) {
    // A rejected archive leaves nothing in the cache.
    await rm(inflated, { force: true });
    throw error;
  }
}

function isParquet(file: string): boolean {
  return /\.parquet$/i.test(file);
}

function isTar(file: string): boolean {
  return /\.(tar|tgz|tar\.gz)$/i.test(file);
}

/** The file's name without its ending, preceded by the folders below `root`. */
function stem(file: string, root: string = dirname(file)): string {
  return withoutShardEnding(relative(root, file));
}

/** Formats of data sets that cannot be read, by file name. */
const foreignFormats: readonly [RegExp, string][] = [
  [/\.arrow$/i, 'Arrow files of save_to_disk'],
  [
    /\.(array_record|riegeli)(-\d+-of-\d+)?$/i,
    'ArrayRecord and Riegeli files of TensorFlow Datasets',
  ],
  [/\.(h5|hdf5|npz|npy|mat|lmdb|pkl)$/i, 'arrays in a file'],
];

/** The name of another program's format; undefined for unknown files. */
function foreignFormat(path: string): string | undefined {
  return foreignFormats.find(([pattern]) => pattern.test(path))?.[1];
}
