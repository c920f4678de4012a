import { mkdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import { inClassOrder } from '../dataset/class-names.ts';
import { CLASS_NAMES_FILE, writeClassNames } from '../dataset/class-names-file.ts';
import type { Example, ImageDataset } from '../dataset/dataset.ts';
import { hasImageEnding } from '../decode/image-endings.ts';
import { readBytes } from '../files/byte-source.ts';
import { imageEnding } from './image-ending.ts';

/** File systems allow 255; an ending and a number may follow. */
const MAX_NAME_BYTES = 200;

export interface Progress {
  /** Called with the number of images written. */
  onProgress?: ((images: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What a writer wrote. */
export interface Written {
  files: number;
  bytes: number;
  warnings: string[];
}

/**
 * Writes every image to `<part>/<class>/<name>`. The name is that of its id; equal names get a number.
 *
 * @throws FixresDataError `bad-option` if a class name cannot be a folder, and those of `readBytes`
 */
export async function writeClassFolders(
  folder: string,
  { name, examples, classNames }: ImageDataset,
  { onProgress, signal }: Progress,
): Promise<Written> {
  const used = new Set(examples.map(({ label }) => classNames[label]!));
  for (const className of used) requireFolderName(className, name);
  const folders = new Set(examples.map((example) => folderOf(example, classNames)));
  for (const path of folders) await mkdir(join(folder, path), { recursive: true });
  /** How many images have a path, without regard to case. */
  const times = new Map<string, number>();
  let bytes = 0;
  for (const [i, example] of examples.entries()) {
    signal?.throwIfAborted();
    const image = await readBytes(example.source);
    const base = posix.basename(example.id);
    const ending = hasImageEnding(base) ? posix.extname(base) : imageEnding(image, example.id);
    const stem = fileName(hasImageEnding(base) ? base.slice(0, -ending.length) : base);
    const path = free(posix.join(folderOf(example, classNames), stem), ending, times);
    await writeFile(join(folder, path), image, { flag: 'wx' });
    bytes += image.length;
    onProgress?.(i + 1);
  }
  const order = inClassOrder(used);
  const isSameOrder =
    order.length === classNames.length && order.every((n, i) => n === classNames[i]);
  if (!isSameOrder) await writeClassNames(folder, classNames);
  const isNested = classNames.some((className) => className.includes('/'));
  return {
    files: examples.length,
    bytes,
    warnings: [
      ...(isSameOrder
        ? []
        : [
            `Folders do not keep the order of the classes of ${name}, or classes without images; "${CLASS_NAMES_FILE}" in the folder does (option "classNames").`,
          ]),
      ...(isNested
        ? ['The classes are nested folders, which are read if asked for (option "nestedClasses").']
        : []),
    ],
  };
}

function folderOf({ label, split }: Example, classNames: readonly string[]): string {
  return posix.join(split ?? '.', classNames[label]!);
}

/** @throws FixresDataError `bad-option` */
function requireFolderName(className: string, dataset: string): void {
  const isName = className
    .split('/')
    .every(
      (part) =>
        part !== '' &&
        !part.startsWith('.') &&
        part !== '__MACOSX' &&
        !/[\p{Cc}\\<>:"|?*]|[. ]$/u.test(part) &&
        Buffer.byteLength(part) <= MAX_NAME_BYTES,
    );
  if (isName) return;
  throw new FixresDataError(
    'bad-option',
    `The class ${JSON.stringify(className)} of ${dataset} cannot be the name of a folder; convert to webdataset.`,
  );
}

/** The name without what not all file systems allow. */
function fileName(stem: string): string {
  const safe = stem.replaceAll(/[\p{Cc}\\/<>:"|?*]/gu, '-').replace(/^\./, '_');
  return Buffer.byteLength(safe) <= MAX_NAME_BYTES ? safe : safe.slice(0, MAX_NAME_BYTES / 4);
}

/** The path, with a number if it is taken. */
function free(stem: string, ending: string, times: Map<string, number>): string {
  for (;;) {
    const key = `${stem}${ending}`.toLowerCase();
    const number = (times.get(key) ?? 0) + 1;
    times.set(key, number);
    const path = number === 1 ? `${stem}${ending}` : `${stem}-${number}${ending}`;
    if (number === 1) return path;
    if (!times.has(path.toLowerCase())) {
      times.set(path.toLowerCase(), 1);
      return path;
    }
  }
}
