import { posix } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { classIndex } from '../../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  usualSplitName,
} from '../../dataset/dataset.ts';
import type { LeftOutTally } from '../../dataset/left-out.ts';
import {
  endingOf,
  hasImageEnding,
  hasPictureEnding,
  READ_ENDINGS,
} from '../../decode/image-endings.ts';
import type { Entry, FileEntry } from '../archives/archive-entry.ts';
import { classFolderLayout, type ClassFolderLayout, type NoLayout } from './class-folder-layout.ts';
import { imagesByContent } from './images-by-content.ts';
import { nestedFolderLayout } from './nested-folder-layout.ts';

/** The relevant contents of a folder or an archive. */
export interface ImageTree {
  /** Files with a known image ending, or without an ending but with the content of an image. */
  images: FileEntry[];
  files: FileEntry[];
  /** Paths of folders. */
  folders: string[];
  leftOut: LeftOutTally;
  layout: ClassFolderLayout | NoLayout;
}

/**
 * Sorts the entries by kind. Files without an ending are read to find out.
 *
 * @param nestedClasses whether class folders may contain class folders
 */
export async function imageTree(
  entries: readonly Entry[],
  leftOut: LeftOutTally,
  nestedClasses = false,
): Promise<ImageTree> {
  const visible = entries.filter(isVisible);
  const files = visible.filter((entry): entry is FileEntry => entry.source !== undefined);
  const unnamed = new Set(await imagesByContent(files.filter(({ path }) => endingOf(path) === '')));
  const images = files.filter((file) => hasImageEnding(file.path) || unnamed.has(file));
  return {
    images,
    files,
    folders: visible.flatMap(({ path, source }) => (source ? [] : [path])),
    leftOut,
    layout: (nestedClasses ? nestedFolderLayout : classFolderLayout)(images, leftOut),
  };
}

/**
 * Counts the files that are skipped because of their endings.
 *
 * @param taken files that are read and are not images
 */
export function countOtherFiles(
  { files, images, leftOut }: ImageTree,
  taken: ImageTree['files'] = [],
): void {
  const known = new Set([...images, ...taken]);
  for (const file of files) {
    if (known.has(file)) continue;
    const ending = endingOf(file.path);
    leftOut.add(
      ending === '' ? 'files without an ending' : `${ending} files`,
      file.path,
      hasPictureEnding(file.path),
    );
  }
}

export function hasClassFolders({ layout }: Pick<ImageTree, 'layout'>): boolean {
  return 'roots' in layout && new Set(layout.images.map(({ className }) => className)).size >= 2;
}

export interface ClassFoldersOptions {
  /**
   * Names of the classes in order: the folders' names, or the names for folders that are numbered.
   */
  classNames?: readonly string[] | undefined;
  /** The folders' names, if they are not those of the classes. */
  classIds?: readonly string[] | undefined;
}

/**
 * Builds a data set from the class folders that {@link classFolderLayout} finds.
 *
 * An example's id is `<class>/<file>`, preceded by `<part>/` if there are parts.
 *
 * @throws FixresDataError `bad-layout`, `empty-class`, `one-class`, `bad-option`
 */
export function datasetFromClassFolders(
  tree: ImageTree,
  name: string,
  origin: string,
  { classNames: names, classIds: ids }: ClassFoldersOptions = {},
): ImageDataset {
  const { images: found, layout, leftOut } = tree;
  countOtherFiles(tree);
  if (found.length === 0) {
    const message =
      `${origin} contains no readable images; expected <class>/<image>, with one of the ` +
      `endings ${READ_ENDINGS}.${leftOut.toString()}`;
    throw new FixresDataError('bad-layout', message);
  }
  if (!('roots' in layout)) {
    const expected =
      'Expected <class>/<image> throughout, or train/<class>/<image> next to ' +
      'val/<class>/<image> or test/<class>/<image>';
    const deep = found.some(({ path }) => path.split('/').length > 2)
      ? ', or class folders in class folders (option "nestedClasses")'
      : '';
    throw new FixresDataError(
      'bad-layout',
      `${origin} ${layout.why}. ${expected}${deep}${listsOf(tree)}`,
    );
  }
  const { images, roots } = layout;
  requireFullFolders(tree, layout, origin);
  const { classNames, labelOf, warnings } = classIndex(
    new Set(images.map(({ className }) => className)),
    origin,
    {
      names,
      ids,
      leftOut,
    },
  );
  const examples = images.map(({ path, source, className, root }): Example => {
    const id = `${className}/${posix.basename(path)}`;
    const label = labelOf(className, id);
    const split = roots.get(root);
    // Two parts may contain the same file name.
    return split
      ? { id: `${posix.basename(root)}/${id}`, label, source, split }
      : { id, label, source };
  });
  requireUniqueIds(examples, origin);
  return {
    name,
    format: 'class-folders',
    classNames,
    examples,
    leftOut: leftOut.all,
    warnings: [...namedAsParts(classNames), ...warnings],
  };
}

/**
 * Warnings about classes that could be parts. A single one can be a class: a train among vehicles.
 */
function namedAsParts(classNames: readonly string[]): string[] {
  const parts = classNames.filter((name) => usualSplitName(name) !== undefined);
  return parts.length < 2
    ? []
    : [
        `The classes ${parts.join(' and ')} are named like parts of a data set; parts must ` +
          'contain class folders.',
      ];
}

const HIDDEN_PART = /(?:^|\/)(?:\.|__MACOSX(?:\/|$))/;

/** Hidden files, and files that macOS adds to archives, are not part of a data set. */
export function isVisible({ path }: Entry): boolean {
  return !HIDDEN_PART.test(path);
}

/** @throws FixresDataError `empty-class` if a class folder contains no readable image */
function requireFullFolders(
  { files, folders }: ImageTree,
  { images, roots, isNested }: ClassFolderLayout,
  origin: string,
): void {
  const used = new Set(images.map(({ path }) => posix.dirname(path)));
  if (isNested)
    for (const folder of used) for (const above of foldersAbove(folder)) used.add(above);
  for (const folder of folders) {
    const isClass = (isNested ? foldersAbove(folder) : [posix.dirname(folder)]).some((above) =>
      roots.has(above),
    );
    if (!isClass || used.has(folder)) continue;
    const pictures = files.filter(
      ({ path }) => path.startsWith(`${folder}/`) && hasPictureEnding(path),
    );
    const endings = [...new Set(pictures.map(({ path }) => endingOf(path)))].sort();
    const isDeeper = pictures.some(({ path }) => hasImageEnding(path));
    const others = isDeeper
      ? 'only folders with images'
      : `only ${pictures.length} of the endings ${endings.join(', ')}`;
    const why =
      pictures.length === 0 ? 'contains no images' : `contains no readable images, ${others}`;
    throw new FixresDataError(
      'empty-class',
      `Class folder "${folder}" of ${origin} ${why}; add images or remove it.`,
    );
  }
}

function foldersAbove(folder: string): string[] {
  const above = posix.dirname(folder);
  return above === '.' ? [above] : [above, ...foldersAbove(above)];
}

/** Names the lists beside the images, because they may define the classes. */
function listsOf({ files }: ImageTree): string {
  const lists = files.map(({ path }) => path).filter((path) => /\.(csv|jsonl|ndjson)$/i.test(path));
  if (lists.length === 0) return '.';
  const more = lists.length > 3 ? ` and ${lists.length - 3} more` : '';
  return (
    '. You can give a list of images instead of the folder, which contains ' +
    `${lists.slice(0, 3).join(', ')}${more}.`
  );
}
