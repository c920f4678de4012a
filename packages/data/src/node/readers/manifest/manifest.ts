import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex, UNLABELLED_IMAGES } from '../../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  usualSplitName,
} from '../../dataset/dataset.ts';
import { LeftOutTally } from '../../dataset/left-out.ts';
import { fileSource } from '../../files/byte-source.ts';
import { readSmallFile } from '../../files/small-file.ts';
import { inLanes } from '../../in-lanes.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from '../reader-limits.ts';
import { type ListRow, listRows } from './list-rows.ts';

/** Lists are read into memory as a whole. */
export const MAX_LIST_BYTES: number = 2 ** 28;
/** Number of files checked at the same time. */
const LANES = 16;

export interface ManifestOptions {
  /** Names of the classes; by default the labels are the names. */
  classNames?: readonly string[] | undefined;
  /** Name of the column or key with the label. Default: `label` or `class`. */
  labelKey?: string | undefined;
  /** Whether images may be outside the manifest's folder (absolute paths, `..`, links). */
  allowOutside?: boolean | undefined;
  limits: ReaderLimits;
  signal?: AbortSignal | undefined;
}

type LabelledRow = ListRow & { label: string | number };

interface ListPlace {
  /**
   * The folder of the list, with links resolved and as it was given. Absolute paths may use either.
   */
  folder: string;
  named: string;
  allowOutside: boolean;
}

/**
 * Opens a list of images, as {@link listRows} reads it. Paths are relative to the list's folder.
 * Images without a label are left out.
 *
 * An example's id is its path as given. For an absolute path it is the path relative to the list's
 * folder.
 *
 * @throws FixresDataError `bad-layout` naming the line, `not-found` naming the image,
 * `unsafe-entry` for an image outside the list's folder, `one-class`, `limit-exceeded`,
 * `bad-option`
 */
export async function datasetFromManifest(
  file: string,
  name: string,
  options: ManifestOptions,
): Promise<ImageDataset> {
  const { limits, allowOutside = false, signal, labelKey } = options;
  const text = await readSmallFile(file, MAX_LIST_BYTES);
  const leftOut = new LeftOutTally();
  const rows: LabelledRow[] = [];
  let count = 0;
  for (const row of listRows(text, { path: file, labelKey, limits })) {
    requireShortPath(row.path, limits, file);
    requireFewEntries(++count, limits, file);
    if (row.label === undefined) leftOut.add(UNLABELLED_IMAGES, row.path);
    else rows.push(row as LabelledRow);
  }
  if (rows.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `${file} lists no images${count > 0 ? ' with a label' : ''}.${leftOut.toString()}`,
    );
  const { classNames, labelOf, warnings } = classIndex(
    new Set(rows.map(({ label }) => label)),
    file,
    { names: options.classNames, leftOut },
  );
  const place: ListPlace = {
    folder: await realpath(dirname(file)),
    named: dirname(resolve(file)),
    allowOutside,
  };
  const example = async ({ path, label, split, line }: LabelledRow): Promise<Example> => {
    const { file: image, bytes, id } = await findImage(path, place, `Line ${line} of ${file}`);
    const found = { id, label: labelOf(label, path), source: fileSource(image, bytes) };
    return split === undefined ? found : { ...found, split: usualSplitName(split) ?? split };
  };
  const examples = await inLanes(rows, LANES, example, signal);
  requireUniqueIds(examples, file);
  return { name, format: 'manifest', classNames, examples, leftOut: leftOut.all, warnings };
}

/** The list's own name, or its folder's name if the list is called `manifest` or similar. */
export function manifestName(file: string): string {
  const stem = basename(file).replace(/\.[^.]*$/, '');
  return /^(manifest|metadata|labels|index|data)$/i.test(stem)
    ? basename(dirname(resolve(file)))
    : stem;
}

async function findImage(
  path: string,
  { folder, named, allowOutside }: ListPlace,
  where: string,
): Promise<{ file: string; bytes: number; id: string }> {
  const file = resolve(folder, path);
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
    isAbsolute(path) && home !== undefined ? relative(home, file).replaceAll(sep, '/') : path;
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
