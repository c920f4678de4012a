import { posix } from 'node:path';
import { FixresDataError } from '../errors.ts';
import type { Entry } from './archive-entry.ts';
import type { ByteSource } from './byte-source.ts';

/** Endings of the files that count as images; others (a licence, say) are passed over. */
const IMAGE_ENDINGS = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/** One labelled image. */
export interface Example {
  /** `<class>/<file name>`: unique in its data set, and what the split hashes. */
  id: string;
  /** Index into the data set's class names. */
  label: number;
  source: ByteSource;
}

/** Labelled images and the names of their classes. */
export interface ImageDataset {
  name: string;
  /** In alphabetical order. */
  classNames: string[];
  examples: Example[];
}

/**
 * Builds a data set from `<anything>/<class>/<image>` entries: the folder that holds an image is its class, and all class folders
 * have the same parent.
 *
 * @throws FixresDataError `bad-layout`, `empty-class`, `one-class`
 */
export function datasetFromClassFolders(entries: readonly Entry[], name: string, origin: string): ImageDataset {
  const visible = entries.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX'));
  const images = visible.filter(({ path, source }) => source && IMAGE_ENDINGS.has(posix.extname(path).toLowerCase()));
  const first = images[0];
  if (!first) {
    throw new FixresDataError('bad-layout', `${origin} holds no image; expected <class>/<image>.jpg|.jpeg|.png|.webp.`);
  }
  const root = posix.dirname(posix.dirname(first.path));
  for (const { path } of images) {
    const isClassImage = path.includes('/') && posix.dirname(posix.dirname(path)) === root;
    if (!isClassImage) {
      throw new FixresDataError(
        'bad-layout',
        `${origin} is no folder of class folders: it holds both ${first.path} and ${path}. Expected <class>/<image> throughout.`,
      );
    }
  }

  const classOf = ({ path }: Entry): string => posix.basename(posix.dirname(path));
  const used = new Set(images.map(classOf));
  for (const { path, source } of visible) {
    if (!source && posix.dirname(path) === root && !used.has(posix.basename(path))) {
      throw new FixresDataError('empty-class', `Class folder "${path}" of ${origin} holds no image; add images or remove it.`);
    }
  }
  const classNames = [...used].sort();
  if (classNames.length < 2) {
    throw new FixresDataError('one-class', `${origin} has only one class, "${classNames[0]}"; at least two are needed.`);
  }
  const examples = images.map((entry) => ({
    id: `${classOf(entry)}/${posix.basename(entry.path)}`,
    label: classNames.indexOf(classOf(entry)),
    source: entry.source!,
  }));
  return { name, classNames, examples };
}
