import { posix } from 'node:path';
import { usualSplitName } from '../../dataset/dataset.ts';
import type { LeftOutTally } from '../../dataset/left-out.ts';
import type { Entry, FileEntry } from '../archives/archive-entry.ts';

type ImageEntry = FileEntry;

/** An image in a class folder. */
export interface ClassedImage extends ImageEntry {
  className: string;
  /** The folder that contains the class folders. */
  root: string;
}

/** Which folders of a data set are class folders. */
export interface ClassFolderLayout {
  /** Images in class folders, in the order of the entries. */
  images: ClassedImage[];
  /** The folders that contain class folders, each with its part; undefined if there is only one. */
  roots: Map<string, string | undefined>;
  /** Whether class folders may be in class folders. */
  isNested: boolean;
}

/** Why the images are not in class folders. */
export interface NoLayout {
  /** Completes a sentence that starts with the data set's name. */
  why: string;
}

/** The root of images that are in no folder at all. */
const NOWHERE = '/';

/**
 * Finds the class folders: the class of an image is the folder that contains it. Either all class
 * folders have the same parent, or there is one parent per part, and these parents are side by side
 * and named `train`, `val` or `validation`, and `test`. The layout with the most images is used.
 * Images outside it are left out if they are fewer and are in a folder without classes or below a
 * class folder.
 */
export function classFolderLayout(
  images: readonly ImageEntry[],
  leftOut: LeftOutTally,
): ClassFolderLayout | NoLayout {
  const byRoot = new Map<string, ImageEntry[]>();
  for (const image of images) {
    const root = classFoldersOf(image);
    const ofRoot = byRoot.get(root);
    if (ofRoot) ofRoot.push(image);
    else byRoot.set(root, [image]);
  }
  const roots = mainRoots(byRoot);
  const inRoots = [...roots.keys()].flatMap((root) => byRoot.get(root) ?? []);
  const classes = new Set(inRoots.map(classOf));
  const others = images
    .filter((image) => !roots.has(classFoldersOf(image)))
    .map((image) => ({ image, place: placeOf(image, [...roots.keys()]) }));
  const strays = others.filter(({ place }) => place !== 'part');
  const areSound =
    classes.size >= 2 &&
    strays.length < inRoots.length &&
    strays.every(({ place }) => place !== undefined);
  if (roots.has(NOWHERE) || roots.size === 0 || (others.length > 0 && !areSound))
    return noLayout(images, byRoot);
  // Images of a part without class folders. If "train" really is a class, there are other classes
  // too.
  if ([...classes].every((name) => usualSplitName(name) !== undefined)) {
    const firsts = [...classes]
      .slice(0, 2)
      .map((name) => inRoots.find((image) => classOf(image) === name)!.path);
    return {
      why: `has images (${firsts.join(' and ')}) in folders named like parts, without class folders`,
    };
  }
  for (const { image, place } of others)
    leftOut.add(
      place === 'below' ? 'images deeper than the class folders' : 'images in no class folder',
      image.path,
    );
  return {
    images: images.flatMap((image) => {
      const root = classFoldersOf(image);
      return roots.has(root) ? [{ ...image, className: classOf(image), root }] : [];
    }),
    roots,
    isNested: false,
  };
}

/** The folder that contains an image's class folder; `/` if there is none. */
function classFoldersOf({ path }: Pick<Entry, 'path'>): string {
  return path.includes('/') ? posix.dirname(posix.dirname(path)) : NOWHERE;
}

function classOf({ path }: Pick<Entry, 'path'>): string {
  return posix.basename(posix.dirname(path));
}

/**
 * Among the roots with several classes, the one with the most images. If it belongs to a part, also
 * the roots of the other parts.
 */
function mainRoots(
  byRoot: ReadonlyMap<string, readonly ImageEntry[]>,
): Map<string, string | undefined> {
  const ranked = [...byRoot].map(([root, ofRoot]) => ({
    root,
    images: ofRoot.length,
    hasClasses: new Set(ofRoot.map(classOf)).size >= 2,
  }));
  const main =
    ranked.sort((a, b) => Number(b.hasClasses) - Number(a.hasClasses) || b.images - a.images)[0]
      ?.root ?? NOWHERE;
  const partOf = (root: string): string | undefined =>
    posix.dirname(root) === posix.dirname(main) ? usualSplitName(posix.basename(root)) : undefined;
  const parts = [...byRoot.keys()].filter((root) => partOf(root) !== undefined);
  // A single folder with such a name is not a part, and neither are two folders of the same part.
  const isFamily =
    parts.includes(main) && parts.length > 1 && new Set(parts.map(partOf)).size === parts.length;
  return isFamily
    ? new Map(parts.map((root) => [root, partOf(root)]))
    : new Map([[main, undefined]]);
}

/**
 * The kind of place of an image outside the class folders: in a part's folder without classes, as
 * in Kaggle's test sets; beside the class folders; or below one of them. Undefined for any other
 * place, which contradicts the layout.
 */
function placeOf(
  { path }: ImageEntry,
  roots: readonly string[],
): 'part' | 'beside' | 'below' | undefined {
  const folder = posix.dirname(path);
  const above = new Set(roots.map((root) => posix.dirname(root)));
  if (above.has(posix.dirname(folder)) && usualSplitName(posix.basename(folder)) !== undefined)
    return 'part';
  if (roots.includes(folder) || (roots.length > 1 && above.has(folder))) return 'beside';
  return roots.some((root) => (root === '.' ? folder.includes('/') : folder.startsWith(`${root}/`)))
    ? 'below'
    : undefined;
}

function noLayout(
  images: readonly ImageEntry[],
  byRoot: ReadonlyMap<string, readonly ImageEntry[]>,
): NoLayout {
  const groups = [...byRoot.values()].sort((a, b) => b.length - a.length);
  const shown = groups
    .slice(0, 3)
    .map((group) =>
      group.length === 1
        ? group[0]!.path
        : `${group[0]!.path} and ${group.length - 1} more in such places`,
    );
  const rest = groups.length > 3 ? `; and in ${groups.length - 3} other places` : '';
  return {
    why: `has no class folders: ${images.length} images, of which ${shown.join('; ')}${rest}`,
  };
}
