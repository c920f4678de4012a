import { posix } from 'node:path';
import { usualSplitName } from '../../dataset/dataset.ts';
import type { LeftOutTally } from '../../dataset/left-out.ts';
import type { Entry, FileEntry } from '../archives/archive-entry.ts';
import type { ClassedImage, ClassFolderLayout, NoLayout } from './class-folder-layout.ts';

/**
 * Finds class folders at any depth: the class of an image is the path of its folder, `fruit/apple`,
 * below the folder that contains all class folders. If the first folders of all these paths are
 * named like at least two different parts, they are parts. Images in no class folder are left out.
 */
export function nestedFolderLayout(
  images: readonly FileEntry[],
  leftOut: LeftOutTally,
): ClassFolderLayout | NoLayout {
  const foldersOf = ({ path }: Entry): string[] => path.split('/').slice(0, -1);
  const placed = images.filter(({ path }) => path.includes('/'));
  if (placed.length === 0) return { why: 'has no folders with images' };
  const top = placed.map((image) => foldersOf(image).slice(0, -1)).reduce(commonStart);
  const below = placed.map((image) => ({ image, folders: foldersOf(image).slice(top.length) }));
  const firsts = new Map(below.map(({ folders }) => [folders[0]!, usualSplitName(folders[0]!)]));
  const areParts =
    firsts.size >= 2 &&
    ![...firsts.values()].includes(undefined) &&
    new Set(firsts.values()).size === firsts.size;
  const classed = below.flatMap(({ image, folders }): ClassedImage[] => {
    const names = areParts ? folders.slice(1) : folders;
    const root = posix.join(...top, areParts ? folders[0]! : '.');
    return names.length === 0 ? [] : [{ ...image, className: names.join('/'), root }];
  });
  const used = new Set(classed.map(({ path }) => path));
  for (const { path } of images)
    if (!used.has(path)) leftOut.add('images in no class folder', path);
  const roots = new Map(
    classed.map(({ root }) => [root, areParts ? usualSplitName(posix.basename(root)) : undefined]),
  );
  return { images: classed, roots, isNested: true };
}

function commonStart(a: string[], b: string[]): string[] {
  const end = a.findIndex((name, i) => name !== b[i]);
  return end === -1 ? a : a.slice(0, end);
}
