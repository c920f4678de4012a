import { posix } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex, SEVERAL_CLASSES, UNLABELLED_IMAGES } from '../../dataset/class-index.ts';
import { type Example, type ImageDataset, usualSplitName } from '../../dataset/dataset.ts';
import { readBytes } from '../../files/byte-source.ts';
import { exampleLabels } from '../../dataset/example-labels.ts';
import { utf8Text } from '../../files/utf8-text.ts';
import { countOtherFiles, type ImageTree } from '../class-folders/class-folders.ts';
import type { ReaderLimits } from '../reader-limits.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import {
  type ImageList,
  labelsOfRow,
  labelsOfSeveral,
  type ListRow,
  type MultiLabelReading,
  placeOfRow,
} from './list-row.ts';
import { imageList } from './list-rows.ts';
import { MAX_LIST_BYTES } from './manifest.ts';
import { onlySingleLabels } from './only-single-labels.ts';

/**
 * Roboflow's export of a classification table: the file's name, then one column per class, with a 1
 * if the image belongs to it.
 */
const ONE_HOT = '_classes.csv';
/** Roboflow's export of COCO annotations. */
const COCO = '_annotations.coco.json';
const PARQUET = 'metadata.parquet';

export interface MetadataOptions {
  classNames?: readonly string[] | undefined;
  classIds?: readonly string[] | undefined;
  /** Name of the column or key with the label. Default: `label` or `class`. */
  labelKey?: string | undefined;
  /** Name of the column or key with the group that an image belongs to. */
  groupKey?: string | undefined;
  /** How to read several labels of an image. Default: each has one. */
  several?: MultiLabelReading | undefined;
  limits: ReaderLimits;
}

interface Labelled {
  image: Required<{ path: string; source: Example['source'] }>;
  labels: readonly (string | number)[];
  split: string | undefined;
  group: string | undefined;
}

/**
 * The files of a folder or archive that define the classes of its images: `metadata.csv` or
 * `.jsonl` or `.parquet` of the Hugging Face Hub, `_classes.csv` and `_annotations.coco.json` of Roboflow.
 */
export function metadataFiles({ files }: Pick<ImageTree, 'files'>): ImageTree['files'] {
  return files.filter(({ path }) =>
    ['metadata.csv', 'metadata.jsonl', PARQUET, ONE_HOT, COCO].includes(posix.basename(path)),
  );
}

/**
 * Builds a data set from images that are not in class folders and {@link metadataFiles}, whose
 * paths are relative to their own folders. An image's part is the first folder in its path with the
 * name of a part, or the value of the column `split`.
 *
 * An example's id is its path. Images without a label, with several classes unless `several` says how to
 * read them, or that no file lists are left out.
 *
 * @throws FixresDataError `bad-layout` naming the line, `one-class`, `limit-exceeded`
 */
export async function datasetFromMetadata(
  tree: ImageTree,
  name: string,
  origin: string,
  options: MetadataOptions,
): Promise<ImageDataset> {
  const { images, leftOut } = tree;
  const multiLabel = options.several !== undefined;
  const metadata = metadataFiles(tree);
  countOtherFiles(tree, metadata);
  const byPath = new Map(images.map((image) => [image.path, image]));
  /** Where each image is listed. */
  const named = new Map<string, { file: string; line: number }>();
  const labelled: Labelled[] = [];
  const classes = new Set<string>();
  for (const { path: file, source } of metadata) {
    const where = `${file} of ${origin}`;
    const list = await listOf({ path: file, source }, where, { ...options, classes });
    for (const row of list.rows) {
      const { path, split, group } = row;
      const labels = labelsOfRow(row, multiLabel);
      const place = placeOfRow(list, row, where);
      // A file made on Windows may have backslashes.
      const image = [path, path.replaceAll('\\', '/')]
        .map((spelling) => byPath.get(posix.join(posix.dirname(file), spelling)))
        .find((found) => found !== undefined);
      if (!image && list.mayLackImages) {
        leftOut.add('listed images that do not exist', path);
        continue;
      }
      if (!image)
        throw new FixresDataError(
          'bad-layout',
          `${place} names "${path}", which does not exist next to it.`,
        );
      const before = named.get(image.path);
      if (before)
        throw new FixresDataError(
          'bad-layout',
          `${place} names "${path}" again, as ${list.unit.toLowerCase()} ${before.line}${before.file === file ? '' : ` of ${before.file}`}; every image must be listed once.`,
        );
      named.set(image.path, { file, line: row.line });
      if (labels === undefined) leftOut.add(UNLABELLED_IMAGES, image.path);
      else if (labels.length > 1 && !multiLabel) leftOut.add(SEVERAL_CLASSES, image.path);
      else
        labelled.push({
          image,
          labels,
          split: split === undefined ? partOf(image.path) : (usualSplitName(split) ?? split),
          group,
        });
    }
  }
  for (const { path } of images)
    if (!named.has(path)) leftOut.add('images that no metadata file names', path);
  if (labelled.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `The metadata files of ${origin} name no images ${multiLabel ? 'with labels' : 'of one class'}.${leftOut.toString()}`,
    );
  const labels = new Set(labelled.flatMap(({ labels: ofImage }) => ofImage));
  // Roboflow writes a column for every class of a project, used or not.
  for (const name of classes)
    if (!labels.has(name)) leftOut.add(`classes of ${ONE_HOT} without an image of their own`, name);
  const { classNames, labelOf, warnings } = classIndex(labels, origin, {
    names: options.classNames,
    ids: options.classIds,
    leftOut,
  });
  const examples = labelled.map(({ image, labels: ofImage, split, group }): Example => {
    const indices = ofImage.map((label) => labelOf(label, image.path));
    return {
      id: image.path,
      ...exampleLabels(indices, multiLabel),
      source: image.source,
      ...(split !== undefined && { split }),
      ...(group !== undefined && { group }),
    };
  });
  return {
    name,
    format: 'metadata',
    classNames,
    examples,
    leftOut: leftOut.all,
    ...(multiLabel && { multiLabel }),
    warnings: [...warnings, ...(multiLabel ? onlySingleLabels(examples, name) : [])],
  };
}

async function listOf(
  { path, source }: ImageTree['files'][number],
  where: string,
  { labelKey, groupKey, several, limits, classes }: MetadataOptions & { classes: Set<string> },
): Promise<ImageList> {
  const name = posix.basename(path);
  if (name === PARQUET) {
    if (source.start > 0 || source.compression !== 'none')
      throw new FixresDataError(
        'unsupported-format',
        `${where} is a Parquet file in an archive, which cannot be read; unpack the archive.`,
      );
    // Loaded when it is used: other data sets do not need the reader.
    const { parquetList } = await import('../parquet/parquet-list.ts');
    return parquetList(source.file, { where, labelKey, groupKey, several, limits });
  }
  const text = utf8Text(await readBytes(source, { maxBytes: MAX_LIST_BYTES }), where);
  if (name !== ONE_HOT)
    return imageList(text, { path, where, labelKey, groupKey, several, limits });
  const rows = oneHotRows(csvRecords(text, where, limits), where, classes);
  return { unit: 'Line', mayLackImages: false, isByName: false, rows };
}

function partOf(path: string): string | undefined {
  return posix
    .dirname(path)
    .split('/')
    .map(usualSplitName)
    .find((part) => part !== undefined);
}

/** @param classes receives the names of the columns */
function* oneHotRows(
  records: readonly CsvRecord[],
  file: string,
  classes: Set<string>,
): Generator<ListRow> {
  let names: string[] | undefined;
  for (const { line, fields } of records) {
    const [path = '', ...cells] = fields.map((field) => field.trim());
    if (!names) {
      names = cells;
      for (const name of names) classes.add(name);
      continue;
    }
    const wrong = cells.find((cell) => cell !== '0' && cell !== '1');
    if (wrong !== undefined)
      throw new FixresDataError(
        'bad-layout',
        `Line ${line} of ${file} has "${wrong}"; a class is marked by 1, the others by 0.`,
      );
    const marked = new Set(names.filter((_, i) => cells[i] === '1'));
    yield { line, path, ...labelsOfSeveral(marked) };
  }
}
