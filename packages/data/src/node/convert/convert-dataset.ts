import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import {
  datasetParts,
  type Example,
  type ImageDataset,
  labelsOf,
  usualSplitName,
} from '../dataset/dataset.ts';
import { readImageHeaders } from '../decode/image-header.ts';
import { makeFolder } from '../files/make-folder.ts';
import type { ImageFailure } from '../loader/worker-protocol.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { type Progress, writeClassFolders } from './write-class-folders.ts';
import { writeWebdataset } from './write-webdataset.ts';

/** The layouts that a data set can be converted to. */
export type ConvertedLayout = 'folder' | 'webdataset';

export interface ConvertOptions extends Progress {
  to: ConvertedLayout;
  /** The folder to create; it may exist if it is empty. */
  out: string;
  /** Size of a webdataset shard in bytes, at which the next one begins. Default 256,000,000. */
  shardBytes?: number | undefined;
  /** Whether images that cannot be read are left out and counted. Default false. */
  skipCorrupt?: boolean | undefined;
}

/** What was written. */
export interface Converted {
  images: number;
  /** Images, or shards. */
  files: number;
  /** Bytes of the images, unchanged. */
  bytes: number;
  /** What the new data set does not say, in sentences. */
  warnings: string[];
}

/**
 * Writes a data set as class folders (`<part>/<class>/<image>`) or as webdataset shards. The bytes of
 * the images, their classes and parts are kept; several labels of an image only by webdataset. `classnames.txt` has the class names in order: for
 * webdataset always, for folders if their own order is another.
 *
 * The header of every image is read first, but no pixels, so images can still be damaged.
 *
 * The result is read again and compared before the folder gets its name, so a folder of this name is
 * complete.
 *
 * @throws FixresDataError `corrupt-image` naming the files that are no images, `bad-option` if the folder is not empty, or the layout cannot hold the
 * classes or parts; `write-failed`; those of `readBytes`; the signal's reason when aborted
 */
export async function convertDataset(
  dataset: ImageDataset,
  { to, out, shardBytes = 256_000_000, skipCorrupt = false, ...progress }: ConvertOptions,
): Promise<Converted> {
  if (dataset.multiLabel && to === 'folder')
    throw new FixresDataError(
      'bad-option',
      `Images of ${dataset.name} have several labels (option "multiLabel"), and class folders hold one class per image; convert to webdataset.`,
    );
  const target = resolve(out);
  await requireEmpty(target, out);
  const { examples: ofParts, warnings } = partsToKeep(dataset, to);
  const { examples, failures } = await withHeaders(ofParts, { skipCorrupt, ...progress });
  if (failures.length > 0)
    warnings.push(
      `Not written: ${failures.length === 1 ? '1 image' : `${failures.length} images`}. ${failuresText(failures)}`,
    );
  const kept = { ...dataset, examples };
  const partial = `${target}.${process.pid}.partial`;
  try {
    makeFolder(dirname(target));
    await mkdir(partial);
    const written =
      to === 'folder'
        ? await writeClassFolders(partial, kept, progress)
        : await writeWebdataset(partial, kept, { ...progress, shardBytes });
    await requireSame(kept, partial, to);
    await rmdir(target).catch(() => undefined);
    await rename(partial, target);
    return {
      images: examples.length,
      ...written,
      warnings: [...warnings, ...written.warnings],
    };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new FixresDataError('write-failed', `"${out}" cannot be written: ${error.message}.`, {
      cause: error,
    });
  }
}

/**
 * The images whose headers can be read.
 *
 * @throws FixresDataError `corrupt-image` if that is not all, unless `skipCorrupt`, or none
 */
async function withHeaders(
  examples: readonly Example[],
  { skipCorrupt, signal }: { skipCorrupt: boolean; signal?: AbortSignal | undefined },
): Promise<{ examples: Example[]; failures: ImageFailure[] }> {
  const { headers, failures } = await readImageHeaders(examples, { signal });
  if (failures.length === 0) return { examples: [...examples], failures };
  const readable = examples.filter((_, i) => headers[i] !== undefined);
  if (skipCorrupt && readable.length > 0) return { examples: readable, failures };
  throw new FixresDataError(
    'corrupt-image',
    `${failuresText(failures)}${skipCorrupt ? '' : ' Repair or remove these files, or leave them out (option "skipCorrupt").'}`,
  );
}

/** The first failure, and the number of others. */
function failuresText(failures: readonly ImageFailure[]): string {
  const others = failures.length - 1;
  return `${failures[0]!.message.replace(/\.$/, '')}${others === 0 ? '.' : `; nor can ${others} ${others === 1 ? 'other' : 'others'}.`}`;
}

async function requireEmpty(target: string, out: string): Promise<void> {
  const there = await readdir(target).catch((error: unknown) =>
    (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined,
  );
  if (there?.length === 0) return;
  throw new FixresDataError(
    'bad-option',
    `"${out}" ${there ? 'is not empty' : 'is not a folder'}; give a new or empty folder (option "out").`,
  );
}

/**
 * The images whose part the layouts can express: `train`, `validation` and `test`.
 *
 * @throws FixresDataError `bad-option` if none is left, or if a folder has only a part for tests
 */
function partsToKeep(
  dataset: ImageDataset,
  to: ConvertedLayout,
): { examples: Example[]; warnings: string[] } {
  const parts = [...datasetParts(dataset)];
  if (parts.every(([part]) => part === undefined))
    return { examples: dataset.examples, warnings: [] };
  const isUsual = (part: string | undefined): boolean =>
    part !== undefined && usualSplitName(part) === part;
  const others = parts.filter(([part]) => !isUsual(part));
  const usual = parts.filter(([part]) => isUsual(part)).map(([part]) => part);
  if (usual.length === 0 || (to === 'folder' && usual.length === 1 && usual[0] !== 'train'))
    throw new FixresDataError(
      'bad-option',
      usual.length === 0
        ? `The parts of ${dataset.name} are ${others.map(([part]) => part ?? 'none').join(', ')}; only train, validation and test can be written.`
        : `${dataset.name} has only the part ${usual[0]}, which a folder of class folders cannot express; convert to webdataset.`,
    );
  const named = others.map(
    ([part, images]) => `${images} images in ${part === undefined ? 'no part' : `"${part}"`}`,
  );
  return {
    examples: dataset.examples.filter(({ split }) => isUsual(split)),
    warnings:
      named.length === 0
        ? []
        : [`Not written, because only train, validation and test can be: ${named.join(', ')}.`],
  };
}

/** @throws FixresDataError `bad-option` if the folder is not read as the data set */
async function requireSame(
  dataset: ImageDataset,
  folder: string,
  to: ConvertedLayout,
): Promise<void> {
  const read = await openDataset(folder, {
    cacheFolder: folder,
    multiLabel: dataset.multiLabel,
    nestedClasses: dataset.classNames.some((name) => name.includes('/')),
  }).catch((error: unknown) => error as Error);
  const isSame =
    !(read instanceof Error) &&
    countsOf(read, dataset).join('\n') === countsOf(dataset, dataset).join('\n');
  if (isSame) return;
  const why = read instanceof Error ? `: ${read.message.replaceAll(folder, 'the folder')}` : '.';
  throw new FixresDataError(
    'bad-option',
    `The classes of ${dataset.name} cannot be written as ${to === 'folder' ? 'class folders' : 'webdataset'}: the result would not be read as the same data set${why}`,
  );
}

/** Number of images by part and classes. The part `train` alone means the same as no parts. */
function countsOf({ examples, classNames }: ImageDataset, original: ImageDataset): string[] {
  const isOne = datasetParts(original).size === 1;
  const counts = new Map<string, number>();
  for (const example of examples) {
    const { split } = example;
    const classes = labelsOf(example).map((label) => classNames[label]);
    const key = JSON.stringify([isOne && split === 'train' ? null : split, classes]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key} ${count}`).sort();
}
