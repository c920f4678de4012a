import {
  type DatasetFormat,
  datasetParts,
  duplicateGroups,
  type Example,
  type ImageDataset,
  type ImageHeader,
  type Inspection,
  labelsOf,
  type LeftOut,
} from '@fixres/data/node';
import { inCommandLineWords } from '../command-line/command-line-words.ts';

/** Distribution of a number over the images. */
export interface Spread {
  min: number;
  p10: number;
  p50: number;
  p90: number;
  max: number;
}

/** The output of `fixres data info --json`. */
export interface DatasetFacts {
  dataset: string;
  images: number;
  /** The detected format. */
  format: DatasetFormat;
  /** Size of the stored files. */
  bytes: number;
  /** Parts named by the data set; `null` counts images in no part. Empty if there are no parts. */
  parts: { name: string | null; images: number }[];
  /** Files and images that are not part of the data set. */
  leftOut: LeftOut[];
  /** Likely problems, as sentences. */
  warnings: string[];
  classes: { name: string; images: number }[];
  /** Labels per image, for a multi-label data set; `none` counts the images without any. */
  labels?: { min: number; mean: number; max: number; none: number };
  /** Sizes of upright images with a readable header; null if there are none. */
  sizes: {
    width: Spread;
    height: Spread;
    shortSide: Spread;
    aspectRatio: Spread;
    distinct: number;
  } | null;
  /** Number of images of each format. */
  formats: Record<string, number>;
  /** Images that cannot be decoded completely. */
  corrupt: { id: string; message: string }[];
  /** Groups of two or more images with the same pixels. */
  duplicates: string[][];
  /** Number of duplicate groups with images of different classes: at least one label is wrong. */
  conflictingDuplicates: number;
}

/**
 * Summarises the facts about each image.
 *
 * @param headers in the order of the examples; undefined for unreadable ones
 * @param inspection of the decoded examples
 */
export function summarizeDataset(
  dataset: ImageDataset,
  headers: readonly (ImageHeader | undefined)[],
  { failures, digests }: Inspection,
): DatasetFacts {
  const { name, format, classNames, examples, leftOut = [], warnings = [] } = dataset;
  const parts = [...datasetParts(dataset)].map(([part, images]) => ({
    name: part ?? null,
    images,
  }));
  const counts = new Array<number>(classNames.length).fill(0);
  for (const example of examples) for (const label of labelsOf(example)) counts[label]! += 1;
  const duplicates = duplicateGroups(examples, digests);
  const known = headers.filter((header) => header !== undefined);
  const formats = [...groupBy(known, (header) => header.format)].map(
    ([kind, list]): [string, number] => [kind, list.length],
  );
  return {
    dataset: name,
    images: examples.length,
    format,
    parts: parts.some((part) => part.name !== null) ? parts : [],
    leftOut: [...leftOut],
    warnings: [...warnings],
    bytes: examples.reduce((sum, { source }) => sum + source.length, 0),
    classes: classNames.map((className, label) => ({ name: className, images: counts[label]! })),
    ...(dataset.multiLabel && { labels: labelCounts(examples) }),
    sizes: known.length === 0 ? null : sizesOf(known),
    formats: Object.fromEntries(formats.sort((a, b) => b[1] - a[1])),
    corrupt: failures.map(({ id, message }) => ({ id, message: inCommandLineWords(message) })),
    duplicates: duplicates.map((group) => group.map(({ id }) => id)),
    conflictingDuplicates: duplicates.filter(
      (group) => new Set(group.map((example) => labelsOf(example).join())).size > 1,
    ).length,
  };
}

function labelCounts(examples: readonly Example[]): NonNullable<DatasetFacts['labels']> {
  const counts = examples.map((example) => labelsOf(example).length);
  return {
    min: counts.reduce((a, b) => Math.min(a, b)),
    mean: counts.reduce((a, b) => a + b) / counts.length,
    max: counts.reduce((a, b) => Math.max(a, b)),
    none: counts.filter((count) => count === 0).length,
  };
}

function sizesOf(headers: readonly ImageHeader[]): NonNullable<DatasetFacts['sizes']> {
  return {
    width: spread(headers.map(({ width }) => width)),
    height: spread(headers.map(({ height }) => height)),
    shortSide: spread(headers.map(({ width, height }) => Math.min(width, height))),
    aspectRatio: spread(headers.map(({ width, height }) => Number((width / height).toFixed(3)))),
    distinct: new Set(headers.map(({ width, height }) => `${width}x${height}`)).size,
  };
}

/** Quantiles are values that occur (nearest rank). */
function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
  return { min: at(0), p10: at(0.1), p50: at(0.5), p90: at(0.9), max: at(1) };
}

function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T, index: number) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item, i);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
