import { posix } from 'node:path';
import { usualSplitName } from '../../dataset/dataset.ts';
import type { LeftOutTally } from '../../dataset/left-out.ts';
import type { Entry } from '../archives/archive-entry.ts';

type ImageEntry = Required<Entry>;

/** Where the class folders of a data set are. */
export interface ClassFolderLayout {
  /** Images in class folders, in the entries' order. */
  images: ImageEntry[];
  /** The folders that hold class folders, each with its part; undefined when there is only one. */
  roots: Map<string, string | undefined>;
}

/** Why images do not lie in class folders. */
export interface NoLayout {
  /** As a sentence goes on after the data set's name. */
  why: string;
}

/** The root of images that lie in no folder at all. */
const NOWHERE = '/';

/**
 * Finds the class folders: the folder that holds an image is its class. All class folders have the same parent, or there is one parent for
 * each part, named `train`, `val` or `validation`, and `test`, which lie side by side. That is the layout of the most images; fewer others
 * that have no class in it, or lie below a class folder, are left out.
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
  // Pictures of a part without class folders: whoever means "train" to be a class has other classes too.
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
    images:
      others.length === 0
        ? [...images]
        : images.filter((image) => roots.has(classFoldersOf(image))),
    roots,
  };
}

/** The folder that holds an image's class folder, `/` where there is none. */
export function classFoldersOf({ path }: Pick<Entry, 'path'>): string {
  return path.includes('/') ? posix.dirname(posix.dirname(path)) : NOWHERE;
}

export function classOf({ path }: Pick<Entry, 'path'>): string {
  return posix.basename(posix.dirname(path));
}

/** The root of the most images among those of several classes, and those of the other parts where it is that of one. */
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
  // Alone such a folder is no part, and two of one part are none either.
  const isFamily =
    parts.includes(main) && parts.length > 1 && new Set(parts.map(partOf)).size === parts.length;
  return isFamily
    ? new Map(parts.map((root) => [root, partOf(root)]))
    : new Map([[main, undefined]]);
}

/**
 * Where images lie that are in none of the class folders: in the folder of a part without classes, as Kaggle's tests are; beside the
 * class folders; or below one of them. Undefined for places that speak against the layout.
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
