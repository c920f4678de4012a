import { access, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex, SEVERAL_CLASSES, UNLABELLED_IMAGES } from '../../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  splitInName,
  usualSplitName,
} from '../../dataset/dataset.ts';
import { exampleLabels } from '../../dataset/example-labels.ts';
import { LeftOutTally } from '../../dataset/left-out.ts';
import { hasImageEnding } from '../../decode/image-endings.ts';
import { fileSource } from '../../files/byte-source.ts';
import { readSmallFile } from '../../files/small-file.ts';
import { inLanes } from '../../in-lanes.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from '../reader-limits.ts';
import {
  type ImageList,
  labelsOfRow,
  type ListRow,
  type MultiLabelReading,
  placeOfRow,
} from './list-row.ts';
import { onlySingleLabels } from './only-single-labels.ts';
import { imageList } from './list-rows.ts';

/** Lists are read into memory as a whole. */
export const MAX_LIST_BYTES: number = 2 ** 28;
/** Number of files checked at the same time. */
const LANES = 16;

export interface ManifestOptions {
  /** Names of the classes; by default the labels are the names. */
  classNames?: readonly string[] | undefined;
  classIds?: readonly string[] | undefined;
  /** Name of the column or key with the label. Default: `label` or `class`. */
  labelKey?: string | undefined;
  /** Name of the column or key with the group that an image belongs to. */
  groupKey?: string | undefined;
  /** How to read several labels of an image. Default: each has one. */
  several?: MultiLabelReading | undefined;
  /** Whether images may be outside the manifest's folder (absolute paths, `..`, links). */
  allowOutside?: boolean | undefined;
  limits: ReaderLimits;
  signal?: AbortSignal | undefined;
}

interface LabelledRow extends Omit<ListRow, 'label' | 'labels'> {
  labels: readonly (string | number)[];
  list: ListPlace;
}

interface ListPlace {
  file: string;
  list: ImageList;
  /**
   * The folder of the list, with links resolved and as it was given. Absolute paths may use either.
   */
  folder: string;
  named: string;
  /** Folder within the list's that its paths are relative to; empty if that is the list's own. */
  base: string;
  allowOutside: boolean;
}

/**
 * Opens lists of images, as {@link imageList} reads them. Paths are relative to the list's folder, or
 * to one of {@link basesOf} it if the first image is there. Images without a label are
 * left out, and without `several` those with more than one. If there are several lists, the part of an image is the one in the name of its list,
 * unless the list states another.
 *
 * An example's id is its path as given, preceded by the folder that it is relative to. For an absolute
 * path it is the path relative to the list's folder.
 *
 * @throws FixresDataError `bad-layout` naming the line, `not-found` naming the image,
 * `unsafe-entry` for an image outside the list's folder, `one-class`, `limit-exceeded`,
 * `bad-option`
 */
export async function datasetFromManifest(
  files: readonly string[],
  name: string,
  options: ManifestOptions,
): Promise<ImageDataset> {
  const { limits, signal } = options;
  const multiLabel = options.several !== undefined;
  const origin = files.length === 1 ? files[0]! : `"${name}"`;
  const leftOut = new LeftOutTally();
  const rows: LabelledRow[] = [];
  const names = new Set<string | number>();
  let count = 0;
  for (const file of files) {
    const part = files.length === 1 ? undefined : splitInName(listStem(file));
    const list = await openList(file, options);
    const listed = list.list.mayLackImages
      ? await presentRows(list, leftOut, signal)
      : list.list.rows;
    for (const row of listed) {
      const { path, split = part } = row;
      const labels = labelsOfRow(row, multiLabel);
      requireShortPath(path, limits, file);
      requireFewEntries(++count, limits, origin);
      if (labels === undefined) leftOut.add(UNLABELLED_IMAGES, path);
      else if (labels.length > 1 && !multiLabel) leftOut.add(SEVERAL_CLASSES, path);
      else {
        for (const label of labels) names.add(label);
        rows.push({
          line: row.line,
          path,
          labels,
          list,
          ...(split !== undefined && { split }),
          ...(row.group !== undefined && { group: row.group }),
        });
      }
    }
  }
  if (rows.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `${origin} lists no images${count > 0 ? ' with a label' : ''}.${leftOut.toString()}`,
    );
  for (const list of new Set(rows.map((row) => row.list)))
    if (!list.list.mayLackImages)
      list.base = await baseOf(list, rows.find((row) => row.list === list)!.path);
  const { classNames, labelOf, warnings } = classIndex(names, origin, {
    names: options.classNames,
    ids: options.classIds,
    leftOut,
  });
  const places = new Map<LabelledRow, string>();
  const example = async (row: LabelledRow): Promise<Example> => {
    const { file: image, bytes, id, place } = await findImage(row);
    places.set(row, place);
    const classes = row.labels.map((label) => labelOf(label, row.path));
    return {
      id,
      ...exampleLabels(classes, multiLabel),
      source: fileSource(image, bytes),
      ...(row.split !== undefined && { split: usualSplitName(row.split) ?? row.split }),
      ...(row.group !== undefined && { group: row.group }),
    };
  };
  const examples = await inLanes(rows, LANES, example, signal);
  requireDistinct(rows, places);
  return {
    name,
    format: 'manifest',
    classNames,
    examples,
    leftOut: leftOut.all,
    ...(multiLabel && { multiLabel }),
    warnings: [...warnings, ...(multiLabel ? onlySingleLabels(examples, name) : [])],
  };
}

async function openList(
  file: string,
  { labelKey, groupKey, several, limits, allowOutside = false }: ManifestOptions,
): Promise<ListPlace> {
  const text = await readSmallFile(file, MAX_LIST_BYTES);
  return {
    file,
    list: imageList(text, { path: file, labelKey, groupKey, several, limits }),
    folder: await realpath(dirname(file)),
    named: dirname(resolve(file)),
    base: '',
    allowOutside,
  };
}

/**
 * Folders beside a list in which other tools expect its images: that of the list's name (`train` for
 * ImageNet's `train.txt`) or of the part in its name, `images` and `data`.
 */
function basesOf(file: string): string[] {
  const stem = listStem(file);
  const part = stem.split(/[-_.]/).find((word) => usualSplitName(word) !== undefined);
  return ['', stem, part ?? '', 'images', 'data'];
}

async function baseOf(list: ListPlace, path: string): Promise<string> {
  for (const base of basesOf(list.file))
    if ((await presentPath({ ...list, base }, path)) !== undefined) return base;
  return '';
}

/**
 * The path of an image as it leads to a file: as given, or with slashes if a list made on Windows has
 * backslashes. Undefined if it leads nowhere. A path that leads out of the folder is returned
 * unchecked, because nothing outside is looked for.
 */
async function presentPath(list: ListPlace, path: string): Promise<string | undefined> {
  const spellings =
    sep === '/' && path.includes('\\') ? [path, path.replaceAll('\\', '/')] : [path];
  for (const spelling of spellings) {
    const place = resolve(list.folder, list.base, spelling);
    if (!list.allowOutside && homeOf(place, list) === undefined) return spelling;
    const exists = await access(place).then(
      () => true,
      () => false,
    );
    if (exists) return spelling;
  }
  return undefined;
}

/** The folder of the list, as {@link ListPlace} has it, that contains a file. */
function homeOf(file: string, { folder, named }: ListPlace): string | undefined {
  return [folder, named].find((home) => isInside(file, home));
}

/**
 * The rows whose images are there, with their paths.
 *
 * @throws FixresDataError `not-found` if there are none
 */
async function presentRows(
  place: ListPlace,
  leftOut: LeftOutTally,
  signal: AbortSignal | undefined,
): Promise<ListRow[]> {
  const rows = [...place.list.rows];
  if (rows.length === 0) return rows;
  const { isByName } = place.list;
  const bases = [...new Set(basesOf(place.file))];
  for (const base of bases) {
    const paths = isByName
      ? await pathsByName(join(place.folder, base), rows)
      : await inLanes(rows, LANES, ({ path }) => presentPath({ ...place, base }, path), signal);
    const present = rows.flatMap((row, i) =>
      paths[i] === undefined ? [] : [{ ...row, path: paths[i] }],
    );
    if (present.length === 0) continue;
    // Open Images lists nine million images, of which everyone lacks most.
    for (const [i, { path }] of rows.entries())
      if (paths[i] === undefined) leftOut.add('listed images that do not exist', path, !isByName);
    place.base = base;
    return present;
  }
  const folders = bases.filter((base) => base !== '').join(', ');
  throw new FixresDataError(
    'not-found',
    `None of the ${rows.length} images of ${place.file} is in its folder, or in ${folders} there.`,
  );
}

/** For rows with the names of images: the names of their files; undefined for those that do not exist. */
async function pathsByName(
  folder: string,
  rows: readonly ListRow[],
): Promise<(string | undefined)[]> {
  const files = await readdir(folder).catch(() => []);
  const byName = new Map(
    files.filter(hasImageEnding).map((file) => [posix.parse(file).name, file]),
  );
  return rows.map(({ path }) => byName.get(path));
}

/** The list's own name, or its folder's name if the list is called `manifest` or similar. */
export function manifestName(file: string): string {
  const stem = listStem(file);
  return /^(manifest|metadata|labels|index|data)$/i.test(stem)
    ? basename(dirname(resolve(file)))
    : stem;
}

function listStem(file: string): string {
  return basename(file).replace(/\.[^.]*$/, '');
}

interface FoundImage {
  /** With links resolved. */
  file: string;
  bytes: number;
  id: string;
  /** Path from the folder of the list, the same for every way to write it. */
  place: string;
}

async function findImage(row: LabelledRow): Promise<FoundImage> {
  const { list } = row;
  const { folder, base, allowOutside } = list;
  const path = row.path.includes('\\')
    ? ((await presentPath(list, row.path)) ?? row.path)
    : row.path;
  const where = placeOfRow(list.list, row, list.file);
  const file = resolve(folder, base, path);
  const outside = (): FixresDataError =>
    new FixresDataError(
      'unsafe-entry',
      `${where} names "${path}", which is outside the folder of the list (option ` +
        '"allowOutside").',
    );
  // Checked before any file access, so that a hostile list cannot even find out which files exist.
  const home = homeOf(file, list);
  if (!allowOutside && home === undefined) throw outside();
  const place = relative(home ?? folder, file).replaceAll(sep, '/');
  const id = isAbsolute(path) && home !== undefined ? place : idOf(path, base);
  try {
    const real = await realpath(file);
    if (!allowOutside && !isInside(real, folder)) throw outside();
    const info = await stat(real);
    if (info.isFile()) return { file: real, bytes: info.size, id, place };
  } catch (cause) {
    if (cause instanceof FixresDataError) throw cause;
    const why = isOfWindows(path)
      ? 'which is a path on a Windows drive; write paths relative to the list.'
      : `which cannot be read: ${(cause as Error).message}`;
    throw new FixresDataError('not-found', `${where} names "${path}", ${why}`, { cause });
  }
  throw new FixresDataError('not-found', `${where} names "${path}", which is not a file.`);
}

/** With slashes on every system, so that a split by hash is the same. */
function idOf(path: string, base: string): string {
  const plain = path.replaceAll(sep, '/');
  return base === '' ? plain : posix.join(base, plain);
}

/** Whether a path begins with a drive or a server of Windows, where this is not Windows. */
function isOfWindows(path: string): boolean {
  return sep === '/' && /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path);
}

/** @throws FixresDataError `bad-layout` naming both lines of an image that is listed twice */
function requireDistinct(
  rows: readonly LabelledRow[],
  places: ReadonlyMap<LabelledRow, string>,
): void {
  const firsts = new Map<string, LabelledRow>();
  for (const row of rows) {
    const place = places.get(row)!;
    const first = firsts.get(place);
    if (first) throw listedTwice(first, row, { rows, places });
    firsts.set(place, row);
  }
}

function listedTwice(
  first: LabelledRow,
  second: LabelledRow,
  { rows, places }: { rows: readonly LabelledRow[]; places: ReadonlyMap<LabelledRow, string> },
): FixresDataError {
  const where = ({ list, line }: LabelledRow): string => placeOfRow(list.list, { line }, list.file);
  if (first.list === second.list)
    return new FixresDataError(
      'bad-layout',
      `${where(second)} names "${second.path}" again, as ${first.list.list.unit.toLowerCase()} ${first.line}${first.labels.join('\n') === second.labels.join('\n') ? '' : `, with another label`}; every image must be listed once.`,
    );
  const placesOf = (list: ListPlace): Set<string> =>
    new Set(rows.filter((row) => row.list === list).map((row) => places.get(row)!));
  const inSecond = placesOf(second.list);
  const common = [...placesOf(first.list)].filter((place) => inSecond.has(place)).length;
  const images = common === 1 ? '1 image' : `${common} images`;
  return new FixresDataError(
    'bad-layout',
    `${first.list.file} and ${second.list.file} have ${images} in common, the first "${second.path}" ` +
      `(lines ${first.line} and ${second.line}); every image must be in one list.`,
  );
}

function isInside(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
