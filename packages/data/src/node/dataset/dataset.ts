import { FixresDataError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { ByteSource } from '../files/byte-source.ts';
import type { LookAlikes } from './look-alikes.ts';
import { type LeftOut, type LeftOutTally, leftOutText } from './left-out.ts';

/** One labelled image. */
export interface Example {
  /**
   * Unique in its data set, and the input of the hash that splits it. `<class>/<file name>` if the
   * images are files.
   */
  id: string;
  /**
   * Index into the data set's class names. In a multi-label data set, the first of `labels`, or -1 if
   * there are none.
   */
  label: number;
  /** All classes of the image, as increasing indices; only in a multi-label data set. */
  labels?: readonly number[];
  source: ByteSource;
  /** Part of the data set, if it has parts: `train`, `validation`, `test` or another name. */
  split?: string;
  /** Images of a group are never divided by a split by hash; undefined for an image of its own. */
  group?: string;
}

/** The classes of an image: one, or those of a multi-label data set. */
export function labelsOf({
  label,
  labels = [label],
}: Pick<Example, 'label' | 'labels'>): readonly number[] {
  return labels;
}

/** Whether two images have the same classes. */
export function haveSameLabels(a: Example, b: Example): boolean {
  return labelsOf(a).join() === labelsOf(b).join();
}

/** The names of an image's classes, as text; `none` without any. */
export function labelText(
  example: Pick<Example, 'label' | 'labels'>,
  classNames: readonly string[],
): string {
  const names = labelsOf(example).map((label) => classNames[label]!);
  return names.length === 0 ? 'none' : names.join(', ');
}

/** How the images are stored. */
export type DatasetFormat =
  | 'class-folders'
  | 'metadata'
  | 'tfrecord'
  | 'webdataset'
  | 'parquet'
  | 'manifest';

/**
 * Labelled images and their class names. Every format is indexed when it is opened: the number of
 * images is known, and any thread can read any image in any order (`readBytes(example.source)`).
 */
export interface ImageDataset {
  name: string;
  format: DatasetFormat;
  /**
   * Sorted by value if all are numbers, otherwise alphabetically, unless the data set has its own
   * order.
   */
  classNames: string[];
  examples: Example[];
  /** Whether an image can have several classes, or none: every example then has `labels`. Default false. */
  multiLabel?: boolean;
  /** What the reader left out. Absent if nothing was. */
  leftOut?: readonly LeftOut[];
  /** Sentences about data that was used but looks wrong. */
  warnings?: readonly string[];
  /** Which images look the same, if that was looked for. */
  lookAlikes?: LookAlikes;
}

/**
 * What users should know about a data set before they use it, in sentences: what was left out, and
 * what looks wrong.
 */
export function datasetWarnings({ name, leftOut = [], warnings = [] }: ImageDataset): string[] {
  const text = leftOutText(leftOut);
  return [...(text === undefined ? [] : [`Left out of ${name}: ${text}.`]), ...warnings].map(
    printable,
  );
}

/**
 * The parts of a data set and their numbers of images, in the order train, validation, test,
 * others; then, as undefined, images without a part.
 */
export function datasetParts({
  examples,
}: Pick<ImageDataset, 'examples'>): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { split } of examples) counts.set(split, (counts.get(split) ?? 0) + 1);
  const usual = [...new Set(splitNames.values())];
  const others = [...counts.keys()]
    .filter((name) => name !== undefined && !usual.includes(name))
    .sort();
  return new Map(
    [...usual, ...others, undefined].flatMap((name) =>
      counts.has(name) ? [[name, counts.get(name)!]] : [],
    ),
  );
}

/** Names of parts as folders, files and manifests spell them. */
const splitNames = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/**
 * The usual name of a part (`train`, `validation`, `test`) for one of its spellings; otherwise
 * undefined.
 */
export function usualSplitName(text: string): string | undefined {
  return splitNames.get(text.toLowerCase());
}

/** The part in the name of a file or folder: `train` for `flowers-train-000`. */
export function splitInName(name: string): string | undefined {
  return name
    .split(/[-_./]/)
    .map(usualSplitName)
    .find((split) => split !== undefined);
}

/** @throws FixresDataError `bad-layout` if two examples have the same id */
export function requireUniqueIds(examples: readonly Example[], origin: string): void {
  const seen = new Set<string>();
  for (const { id } of examples) {
    if (seen.has(id))
      throw new FixresDataError(
        'bad-layout',
        `${origin} contains "${id}" twice; every image must have its own path.`,
      );
    seen.add(id);
  }
}

/** @throws FixresDataError `one-class` */
export function requireTwoClasses(
  classNames: readonly string[],
  origin: string,
  leftOut?: LeftOutTally,
): void {
  if (classNames.length >= 2) return;
  const found = classNames.length === 1 ? `only one class, "${classNames[0]}"` : 'no class';
  throw new FixresDataError(
    'one-class',
    `${origin} has ${found}; at least two are needed.${leftOut?.toString() ?? ''}`,
  );
}
