import { basename, posix, relative, sep } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex, UNLABELLED_IMAGES } from '../../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  splitInName,
  usualSplitName,
} from '../../dataset/dataset.ts';
import { exampleLabels } from '../../dataset/example-labels.ts';
import { labelValue, labelValues } from '../../dataset/label-value.ts';
import { LeftOutTally } from '../../dataset/left-out.ts';
import { useFileNames } from '../../dataset/use-file-names.ts';
import type { ByteSource } from '../../files/byte-source.ts';
import type { MultiLabelReading } from '../manifest/list-row.ts';
import { onlySingleLabels } from '../manifest/only-single-labels.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from '../reader-limits.ts';
import { imagePlaces } from './image-places.ts';
import { type ParquetColumns, parquetColumns } from './parquet-columns.ts';
import { ParquetFile } from './parquet-file.ts';
import { parquetReader } from './parquet-value.ts';

export interface ParquetOptions {
  /** Folder for the places of the images, and for copies of compressed ones. */
  cacheFolder: string;
  /** Class names. Default: those that the Hugging Face library stored in the files. */
  classNames?: readonly string[] | undefined;
  classIds?: readonly string[] | undefined;
  /** Name of the label's column, if there are several. */
  labelKey?: string | undefined;
  /** How to read several labels of an image. Default: each has one. */
  several?: MultiLabelReading | undefined;
  limits: ReaderLimits;
  /** Called with the number of rows so far while images are located or copied. */
  onProgress?: ((rows: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The kind under which rows are counted whose images are in other files. */
const PATH_ONLY = 'rows with the path of an image, but not its bytes';

interface Row {
  id: string;
  split: string | undefined;
  labels: readonly (string | number)[];
  fileName: string | undefined;
  source: ByteSource;
}

/**
 * Opens Parquet files with encoded images, as the Hugging Face Hub stores them. A file's part is the
 * one in its name, `train-00000-of-00002.parquet`, or in that of its folder. Labels are whole numbers
 * or text; the class names of numbers are in the metadata of the files. Images are read
 * in place, or from a copy in the cache ({@link imagePlaces}). Images without a label or without bytes are left out.
 *
 * An example's id is `<class>/<file name>` if every row names a file and no two are the same,
 * otherwise, and with `several`, `<Parquet file>#<row>`.
 *
 * @param files in any order; names of ids are relative to `root`
 * @throws FixresDataError `damaged-archive`, `bad-layout`, `one-class`, `limit-exceeded`,
 * `write-failed`, `bad-option` if several columns could be the label; the signal's reason when
 * aborted
 */
export async function datasetFromParquet(
  files: readonly string[],
  { root, name, origin }: { root: string; name: string; origin: string },
  options: ParquetOptions,
): Promise<ImageDataset> {
  const multiLabel = options.several !== undefined;
  const leftOut = new LeftOutTally();
  const rows: Row[] = [];
  let first: ParquetColumns | undefined;
  let before = 0;
  const shards = files
    .map((file) => ({ file, shard: relative(root, file).replaceAll(sep, '/') }))
    .sort((a, b) => (a.shard < b.shard ? -1 : 1));
  requireOneConfig(shards, origin);
  for (const { file, shard } of shards) {
    const parquet = await ParquetFile.open(file);
    try {
      requireFewEntries(before + parquet.rows, options.limits, origin);
      const columns = parquetColumns(parquet, options.labelKey, multiLabel);
      first ??= columns;
      if (columns.classNames?.join('\0') !== first.classNames?.join('\0'))
        throw new FixresDataError(
          'bad-layout',
          `${file} states other class names than ${shards[0]!.file}.`,
        );
      const onProgress = (count: number): void => options.onProgress?.(before + count);
      const ofShard = { shard, options: { ...options, onProgress }, leftOut };
      for (const row of await rowsOf(parquet, columns, ofShard)) rows.push(row);
      before += parquet.rows;
    } finally {
      await parquet.close();
    }
  }
  if (rows.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `The Parquet files of ${origin} contain no images with a label.${leftOut.toString()}${leftOut.has(PATH_ONLY) ? ' The images are in other files, which can be read as class folders or a list.' : ''}`,
    );
  const { classNames, labelOf, warnings } = classIndex(
    new Set(rows.flatMap(({ labels }) => labels)),
    origin,
    { names: options.classNames ?? first?.classNames, ids: options.classIds, leftOut },
  );
  const examples = rows.map(({ id, labels, source, split }): Example => {
    const indices = labels.map((label) => labelOf(label, id));
    const example = { id, ...exampleLabels(indices, multiLabel), source };
    return split === undefined ? example : { ...example, split };
  });
  // The names begin with the class.
  if (!multiLabel)
    useFileNames(
      examples,
      rows.map(({ fileName }) => fileName),
      classNames,
    );
  requireUniqueIds(examples, origin);
  return {
    name,
    format: 'parquet',
    classNames,
    examples,
    leftOut: leftOut.all,
    ...(multiLabel && { multiLabel }),
    warnings: [
      ...severalImages(first),
      ...warnings,
      ...(multiLabel ? onlySingleLabels(examples, name) : []),
    ],
  };
}

async function rowsOf(
  parquet: ParquetFile,
  columns: ParquetColumns,
  { shard, options, leftOut }: { shard: string; options: ParquetOptions; leftOut: LeftOutTally },
): Promise<Row[]> {
  const { signal, limits, several } = options;
  const all = async (path: readonly string[]): Promise<unknown[]> => {
    const values: unknown[] = [];
    for await (const page of parquet.pages(path, signal))
      for (const value of page.values) values.push(value);
    return values;
  };
  const stored = columns.isList
    ? await parquet.lists(columns.label, signal)
    : await all(columns.label);
  const paths = columns.path && (await all(columns.path));
  const readLabel = parquetReader(
    parquet.columnAt(columns.label),
    `The column "${columns.label.join('.')}" of ${parquet.file}`,
  );
  const images = await imagePlaces(parquet, columns.image, options);
  const split = splitOfShard(shard);
  const labelsAt = (row: number): readonly (string | number)[] | undefined => {
    const value = stored[row];
    const read = Array.isArray(value) ? value.map(readLabel) : readLabel(value);
    const where = `Row ${row} of ${parquet.file}`;
    if (several !== undefined) return labelValues(read, where, several.separator);
    const label = labelValue(read, where);
    return label === undefined ? undefined : [label];
  };
  return stored.flatMap((_, row): Row[] => {
    const id = `${shard}#${row}`;
    const labels = labelsAt(row);
    const source = images[row];
    const path = paths?.[row];
    if (!source) leftOut.add(path instanceof Uint8Array ? PATH_ONLY : 'rows without an image', id);
    else if (labels === undefined) leftOut.add(UNLABELLED_IMAGES, id);
    if (!source || labels === undefined) return [];
    const fileName =
      path instanceof Uint8Array ? posix.basename(Buffer.from(path).toString('utf8')) : undefined;
    if (fileName !== undefined) requireShortPath(fileName, limits, parquet.file);
    return [{ id, split, labels, fileName, source }];
  });
}

/** The part of a file: what precedes the number of its shard, or a part in its path. */
function splitOfShard(shard: string): string | undefined {
  const numbered = /^(?<split>\w+(?:\.\w+)*)-\d{5,}-of-\d{5,}\.parquet$/i.exec(basename(shard));
  const split = numbered?.groups?.split;
  return split === undefined ? splitInName(shard) : (usualSplitName(split) ?? split);
}

/**
 * A repository of the hub can contain several data sets ("configurations"), each in a folder; the
 * parts of one can be in folders too.
 */
function requireOneConfig(shards: readonly { shard: string }[], origin: string): void {
  const folders = new Set(
    shards.map(({ shard }) =>
      posix
        .dirname(shard)
        .split('/')
        .filter((folder) => usualSplitName(folder) === undefined)
        .join('/'),
    ),
  );
  if (folders.size <= 1) return;
  throw new FixresDataError(
    'bad-layout',
    `${origin} contains Parquet files in ${[...folders].slice(0, 5).join(' and ')}; give one of ` +
      'these folders.',
  );
}

function severalImages(columns: ParquetColumns | undefined): string[] {
  return columns === undefined || columns.otherImages.length === 0
    ? []
    : [
        `The column "${columns.image[0]}" is used for the images; ` +
          `${columns.otherImages.join(', ')} also ${columns.otherImages.length === 1 ? 'contains' : 'contain'} images.`,
      ];
}
