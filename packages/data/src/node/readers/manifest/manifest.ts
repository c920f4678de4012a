import { access, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex, SEVERAL_CLASSES, UNLABELLED_IMAGES } from '../../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  splitInName,
  usualSplitName,
} from '../../dataset/dataset.ts';
import { LeftOutTally } from '../../dataset/left-out.ts';
import { hasImageEnding } from '../../decode/image-endings.ts';
import { fileSource } from '../../files/byte-source.ts';
import { readSmallFile } from '../../files/small-file.ts';
import { inLanes } from '../../in-lanes.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from '../reader-limits.ts';
import { type ImageList, type ListRow, placeOfRow } from './list-row.ts';
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
  /** Whether images may be outside the manifest's folder (absolute paths, `..`, links). */
  allowOutside?: boolean | undefined;
  limits: ReaderLimits;
  signal?: AbortSignal | undefined;
}

interface LabelledRow extends Omit<ListRow, 'label'> {
  label: string | number;
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
 * to one of {@link basesOf} it if the first image is there. Images without a label, or with several,
 * are left out. If there are several lists, the part of an image is the one in the name of its list,
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
  const origin = files.length === 1 ? files[0]! : `"${name}"`;
  const leftOut = new LeftOutTally();
  const rows: LabelledRow[] = [];
  const names = new Set<string | number>();
  let count = 0;
  for (const file of files) {
    const part = files.length === 1 ? undefined : splitInName(listStem(file));
    const list = await openList(file, options);
    for (const row of list.list.isByName ? await presentRows(list, leftOut) : list.list.rows) {
      const { path, label, split = part } = row;
      requireShortPath(path, limits, file);
      requireFewEntries(++count, limits, origin);
      if (label === undefined) leftOut.add(UNLABELLED_IMAGES, path);
      else if (typeof label === 'object') leftOut.add(SEVERAL_CLASSES, path);
      else {
        names.add(label);
        const labelled = { line: row.line, path, label, list };
        rows.push(split === undefined ? labelled : { ...labelled, split });
      }
    }
  }
  if (rows.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `${origin} lists no images${count > 0 ? ' with a label' : ''}.${leftOut.toString()}`,
    );
  for (const list of new Set(rows.map((row) => row.list)))
    if (!list.list.isByName)
      list.base = await baseOf(list, rows.find((row) => row.list === list)!.path);
  const { classNames, labelOf, warnings } = classIndex(names, origin, {
    names: options.classNames,
    ids: options.classIds,
    leftOut,
  });
  const example = async (row: LabelledRow): Promise<Example> => {
    const { file: image, bytes, id } = await findImage(row);
    const found = { id, label: labelOf(row.label, row.path), source: fileSource(image, bytes) };
    return row.split === undefined
      ? found
      : { ...found, split: usualSplitName(row.split) ?? row.split };
  };
  const examples = await inLanes(rows, LANES, example, signal);
  requireUniqueIds(examples, origin);
  return { name, format: 'manifest', classNames, examples, leftOut: leftOut.all, warnings };
}

async function openList(
  file: string,
  { labelKey, limits, allowOutside = false }: ManifestOptions,
): Promise<ListPlace> {
  const text = await readSmallFile(file, MAX_LIST_BYTES);
  return {
    file,
    list: imageList(text, { path: file, labelKey, limits }),
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

async function baseOf({ file, folder }: ListPlace, path: string): Promise<string> {
  for (const base of basesOf(file)) {
    const place = resolve(folder, base, path);
    // Nothing outside is looked for.
    if (!isInside(place, folder)) return '';
    const exists = await access(place).then(
      () => true,
      () => false,
    );
    if (exists) return base;
  }
  return '';
}

/**
 * The rows whose images are there, with their paths.
 *
 * @throws FixresDataError `not-found` if there are none
 */
async function presentRows(place: ListPlace, leftOut: LeftOutTally): Promise<ListRow[]> {
  const rows = [...place.list.rows];
  const bases = [...new Set(basesOf(place.file))];
  for (const base of bases) {
    const files = await readdir(join(place.folder, base)).catch(() => []);
    const byName = new Map(
      files.filter(hasImageEnding).map((file) => [posix.parse(file).name, file]),
    );
    const present = rows.filter(({ path }) => byName.has(path));
    if (present.length === 0) continue;
    for (const { path } of rows)
      if (!byName.has(path)) leftOut.add('listed images that do not exist', path, false);
    place.base = base;
    return present.map((row) => ({ ...row, path: byName.get(row.path)! }));
  }
  const folders = bases.filter((base) => base !== '').join(', ');
  throw new FixresDataError(
    'not-found',
    `None of the ${rows.length} images of ${place.file} is in its folder, or in ${folders} there.`,
  );
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

async function findImage(row: LabelledRow): Promise<{ file: string; bytes: number; id: string }> {
  const { path, list } = row;
  const { folder, named, base, allowOutside } = list;
  const where = placeOfRow(list.list, row, list.file);
  const file = resolve(folder, base, path);
  const outside = (): FixresDataError =>
    new FixresDataError(
      'unsafe-entry',
      `${where} names "${path}", which is outside the folder of the list (option ` +
        '"allowOutside").',
    );
  // Checked before any file access, so that a hostile list cannot even find out which files exist.
  const home = [folder, named].find((place) => isInside(file, place));
  if (!allowOutside && home === undefined) throw outside();
  const id =
    isAbsolute(path) && home !== undefined
      ? relative(home, file).replaceAll(sep, '/')
      : base === ''
        ? path
        : posix.join(base, path);
  try {
    const place = await realpath(file);
    if (!allowOutside && !isInside(place, folder)) throw outside();
    const info = await stat(place);
    if (info.isFile()) return { file: place, bytes: info.size, id };
  } catch (cause) {
    if (cause instanceof FixresDataError) throw cause;
    throw new FixresDataError(
      'not-found',
      `${where} names "${path}", which cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
  throw new FixresDataError('not-found', `${where} names "${path}", which is not a file.`);
}

function isInside(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
