import { FixresDataError } from '../../errors.ts';
import type { ByteSource } from '../files/byte-source.ts';
import { type LeftOut, type LeftOutTally, leftOutText } from './left-out.ts';

/** One labelled image. */
export interface Example {
  /** Unique in its data set, and what the split by hash hashes. `<class>/<file name>` where the images are files. */
  id: string;
  /** Index into the data set's class names. */
  label: number;
  source: ByteSource;
  /** The part it belongs to, where the data set says so: `train`, `validation`, `test` or a name of its own. */
  split?: string;
}

/** How the images are stored. */
export type DatasetFormat = 'class-folders' | 'metadata' | 'tfrecord' | 'webdataset' | 'manifest';

/**
 * Labelled images and the names of their classes. Every format is indexed when it is opened: the number of images is known, and each
 * can be read for itself (`readBytes(example.source)`), in any order, by any thread.
 */
export interface ImageDataset {
  name: string;
  format: DatasetFormat;
  /** By value if all are numbers, else in alphabetical order, unless the data set lists them in its own. */
  classNames: string[];
  examples: Example[];
  /** What the data set holds beside its examples. Absent: nothing that was noticed. */
  leftOut?: readonly LeftOut[];
  /** What was taken and looks wrong, in sentences. */
  warnings?: readonly string[];
}

/** What people should know of a data set before they use it, in sentences: what was left out of it, and what looks wrong. */
export function datasetWarnings({ name, leftOut = [], warnings = [] }: ImageDataset): string[] {
  const text = leftOutText(leftOut);
  return [...(text === undefined ? [] : [`Left out of ${name}: ${text}.`]), ...warnings];
}

/** The parts that a data set names and their numbers of images, in the order train, validation, test, others; then, as undefined, those without. */
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

/** Names of the parts of a data set as folders, files and manifests spell them. */
const splitNames = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/** The usual name of a part (`train`, `validation`, `test`) for a spelling of it; otherwise undefined. */
export function usualSplitName(text: string): string | undefined {
  return splitNames.get(text.toLowerCase());
}

/** @throws FixresDataError `bad-layout` when two examples have the same id */
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
