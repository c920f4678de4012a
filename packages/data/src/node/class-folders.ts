import { posix } from 'node:path';
import { FixresDataError } from '../errors.ts';
import type { Entry } from './archive-entry.ts';
import { type Example, type ImageDataset, requireTwoClasses, requireUniqueIds, usualSplitName } from './dataset.ts';

/** Endings of the files that count as images; others (a licence, say) are passed over. */
export const IMAGE_ENDINGS: ReadonlySet<string> = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/**
 * Builds a data set from `<anything>/<class>/<image>` entries: the folder that holds an image is its class. All class folders have
 * the same parent, or there is one parent for each split, named `train`, `val` or `validation`, and `test`, which lie side by side.
 *
 * @throws FixresDataError `bad-layout`, `empty-class`, `one-class`
 */
export function datasetFromClassFolders(entries: readonly Entry[], name: string, origin: string): ImageDataset {
  const visible = entries.filter(isVisible);
  const images = visible.filter(isImage);
  const splitOf = splitFolders(images, origin);

  const used = new Set(images.map(({ path }) => posix.dirname(path)));
  for (const { path, source } of visible) {
    if (!source && splitOf.has(posix.dirname(path)) && !used.has(path)) {
      throw new FixresDataError('empty-class', `Class folder "${path}" of ${origin} holds no image; add images or remove it.`);
    }
  }
  const classNames = [...new Set(images.map(classOf))].sort();
  requireTwoClasses(classNames, origin);
  const labels = new Map(classNames.map((className, label) => [className, label]));
  const examples = images.map((entry): Example => {
    const id = `${classOf(entry)}/${posix.basename(entry.path)}`;
    const label = labels.get(classOf(entry))!;
    const root = classFoldersOf(entry);
    const split = splitOf.get(root);
    // The same file name may stand in two splits.
    return split ? { id: `${posix.basename(root)}/${id}`, label, source: entry.source, split } : { id, label, source: entry.source };
  });
  requireUniqueIds(examples, origin);
  return { name, format: 'class-folders', classNames, examples };
}

/** Hidden files, and what a Mac leaves in archives, are no part of a data set. */
export function isVisible({ path }: Entry): boolean {
  return !path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

function isImage(entry: Entry): entry is Required<Entry> {
  return entry.source !== undefined && IMAGE_ENDINGS.has(posix.extname(entry.path).toLowerCase());
}

/** The folders that hold class folders, each with its split; undefined when there is only one. */
function splitFolders(images: readonly Entry[], origin: string): Map<string, string | undefined> {
  const first = images[0];
  if (!first) {
    throw new FixresDataError('bad-layout', `${origin} holds no image; expected <class>/<image>.jpg|.jpeg|.png|.webp.`);
  }
  const examples = new Map<string, string>();
  for (const { path } of images) {
    const root = path.includes('/') ? classFoldersOf({ path }) : '/';
    if (!examples.has(root)) examples.set(root, path);
  }
  const roots = [...examples.keys()];
  if (roots.length === 1 && roots[0] !== '/') return new Map([[roots[0]!, undefined]]);

  const parent = posix.dirname(roots[0]!);
  const splits = new Map(roots.map((root) => [root, usualSplitName(posix.basename(root))]));
  const areSplits = [...splits].every(([root, split]) => split !== undefined && posix.dirname(root) === parent);
  if (areSplits && new Set(splits.values()).size === splits.size) return splits;
  const shown = [...examples.values()].slice(0, 2).join(' and ');
  throw new FixresDataError(
    'bad-layout',
    `${origin} is no folder of class folders: it holds ${shown}. ` +
      'Expected <class>/<image> throughout, or train/<class>/<image> beside val/... or test/...',
  );
}

function classOf({ path }: Entry): string {
  return posix.basename(posix.dirname(path));
}

function classFoldersOf({ path }: Entry): string {
  return posix.dirname(posix.dirname(path));
}
